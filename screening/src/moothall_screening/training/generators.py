"""Writes what programs post: generic praise with a keyword, spun sentences, text salad, bare links, help lines.

Nobody composes this spam, so it is generated here as it is in life: from templates, with choices in braces
and slots in angle brackets. All names, hosts and numbers are invented. Each family has a genuine neighbour
that a reader would let stand (praise without a pitch, a free release, a tool that somebody likes), so that
the form alone decides nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from random import Random

CHOICE = re.compile(r"\{([^{}]*)\}")
SLOT = re.compile(r"<(\w+)>")
NOTHING_CHOSEN: Mapping[str, str] = {}
# Stands for "<" until all slots are filled.
LESS_THAN = "\x00"
SYLLABLES = (
    *("al", "ar", "be", "bri", "ca", "co", "da", "do", "el", "fa", "fe", "ga", "ha", "jo", "ka", "ki", "la", "le"),
    *("lu", "ma", "me", "mi", "na", "no", "or", "pa", "pe", "qui", "ra", "ri", "ro", "sa", "se", "ta", "ti", "to"),
    *("va", "ve", "vi", "wa", "xe", "yo", "za", "zo"),
)
TEMPLATES = tomllib.loads(files("moothall_screening.training").joinpath("templates.toml").read_text("utf-8"))
SLOTS, SPAM, GENUINE = TEMPLATES["slots"], TEMPLATES["spam"], TEMPLATES["genuine"]
ANNOUNCED = TEMPLATES["announced"]


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated text. `family` names its template; `kind` is what a genuine one is, "promotion" for spam."""

    text: str
    family: str
    kind: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """A generated announcement of `kind`, and the purpose of a list that it belongs on."""

    subject: str
    text: str
    kind: str
    purpose: str


def bot_spam(rng: Random) -> Generated:
    """One post as a spam program writes it."""
    family = rng.choice(list(SPAM))
    return Generated(expand(rng.choice(SPAM[family]), rng), family, "promotion")


def genuine_neighbour(rng: Random) -> Generated:
    """One post in a form that spam imitates, which sells nothing."""
    kind = rng.choice(list(GENUINE))
    return Generated(expand(rng.choice(GENUINE[kind]), rng), "genuine", kind)


def announcement(rng: Random) -> Announcement:
    """One of a list's announcements, which have one voice whoever writes them: a society's course is an event, a
    firm's an offer."""
    kind = rng.choice(list(ANNOUNCED))
    about = {"topic": rng.choice(SLOTS["topic"])}
    subject, text, purpose = (
        sentence_case(expand(template, rng, about))
        for template in ("<announced_subject>", rng.choice(ANNOUNCED[kind]), "<list_purpose>")
    )
    return Announcement(subject, text, kind, purpose)


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def unrelated_phrase(rng: Random) -> str:
    """A few words with a keyword or a link, to be glued to a copied sentence."""
    return expand("<unrelated_phrase>", rng)


def expand(template: str, rng: Random, chosen: Mapping[str, str] = NOTHING_CHOSEN) -> str:
    """Fill a template: `{a|b}` becomes a or b, `<slot>` what is chosen for it, or one of the slot's fillings.

    >>> expand("{Dear|Dear} all", Random(1))
    'Dear all'
    """
    text = template
    while CHOICE.search(text) or SLOT.search(text):
        text = CHOICE.sub(lambda found: rng.choice(found[1].split("|")), text)
        text = SLOT.sub(lambda found: chosen.get(found[1]) or fill(found[1], rng), text)
    return text.replace(LESS_THAN, "<")


def fill(slot: str, rng: Random) -> str:
    if slot == "anchor":
        return expand(rng.choice(SLOTS["anchor"]), rng)
    if slot == "lt":
        return LESS_THAN
    return MAKERS[slot](rng) if slot in MAKERS else str(rng.choice(SLOTS[slot]))


def invented_name(rng: Random) -> str:
    name = "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 3))).capitalize()
    return name + rng.choice(["", "", "n", "x", "r"])


def invented_word(rng: Random) -> str:
    return invented_name(rng).lower()


def invented_host(rng: Random) -> str:
    start = "www." if rng.random() < 0.3 else ""
    return f"{start}{invented_word(rng)}{rng.choice(['', '-', 'hub', 'online'])}{rng.choice(['', '24', 'x'])}.<tld>"


def invented_address(rng: Random) -> str:
    return f"{invented_word(rng)}{rng.randint(1, 99)}@{invented_word(rng)}mail.<tld>"


def invented_phone(rng: Random) -> str:
    digits = "".join(str(rng.randint(0, 9)) for _ in range(7))
    return rng.choice(["+1-8{a}0-555-0{b}", "0800 496 0{b}", "1 (855) 555-01{c}", "+91 00000 {d}"]).format(
        a=digits[0], b=digits[:3], c=digits[:2], d=digits[:5]
    )


MAKERS: dict[str, Callable[[Random], str]] = {
    "name": invented_name,
    "word": invented_word,
    "host": invented_host,
    "email": invented_address,
    "phone": invented_phone,
}
