"""What happens to texts on their way: quotes, signatures, lost links and capitals, slips, debris of encodings."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from random import Random

from moothall_screening.training.insertion import Part

LINK = re.compile(r"(?:https?://|www\.)\S+")
SIGNATURES = (
    "\n\n-- \n{name}\n",
    "\n\nRegards,\n{name}",
    "\n\nSent from my phone",
    "\n\n_______________________________________________\n{word} mailing list\n{word}@lists.{word}.example\n",
    "\n\n---\nTo unsubscribe from this list, write to {word}-request@lists.{word}.example",
    "\n\n{name}\nSenior {word} engineer, {other} Ltd\nTel. 020 7946 0{number}\nMobile 07700 900{number}\n"
    "www.{other}.example",
    "\n\nBest regards\n\n{name}, Ph.D.\nDepartment of {word}, Building {number}\nPhone: +44 1632 960{number}, "
    "fax: +44 1632 961{number}\n{other}@{word}.example\nhttp://www.{word}.example/~{other}",
    "\n\n{name} | {other} {word} consulting | (555) 010-0{number} | https://{other}.example",
    "\n\nThis message and its attachments are confidential and meant for the addressee alone. {other} Group plc, "
    "registered in England no. 4{number}{number}, accepts no liability for its contents.",
    "\n\n_________________\nGet free e-mail that is fast and easy at http://www.{other}.example",
    "\n\nI am out of the office until the {number}th. In urgent matters write to {other}@{word}.example.",
)
NAMES = ("Ann", "J. Okafor", "Piotr", "M. Lindqvist", "Dev", "Rosa Melo", "tk", "Dr H. Ames", "Yusuf", "Claire B.")
WORDS = ("garden", "dev", "harbour", "chess", "talk", "members", "radio", "stats")
QUOTED_PRINTABLE = {" ": "=20", "’": "=E2=80=99", "'": "=27", ",": "=2C", "\n": "=0A=\n", "=": "=3D"}
MOJIBAKE = {"’": "â€™", "'": "&#39;", '"': "&quot;", "–": "â€“", " ": "&nbsp;", "é": "Ã©", "&": "&amp;"}


def noisy(parts: Sequence[Part], quoted: str, rng: Random) -> list[Part]:
    """The same text with at most three kinds of noise; `quoted` is another text, which it may quote."""
    result = list(parts)
    for change, chance in INSIDE:
        if rng.random() < chance:
            result = [Part(change(part.text, rng), part.is_pitch) for part in result]
    if quoted and rng.random() < 0.06:
        result = [Part(quote(quoted, rng)), *result]
    if rng.random() < 0.12:
        result.append(Part(signature(rng)))
    return result


def signature(rng: Random) -> str:
    """One that says nothing of what stands above it: firms' people and professors ask questions too."""
    word, other = rng.sample(WORDS, 2)
    return rng.choice(SIGNATURES).format(name=rng.choice(NAMES), word=word, other=other, number=rng.randint(100, 999))


def quote(text: str, rng: Random) -> str:
    lines = text[: rng.randint(60, 300)].splitlines()
    head = rng.choice(["", f"{rng.choice(NAMES)} wrote:\n", f"On Tue, {rng.choice(NAMES)} wrote:\n"])
    return head + "\n".join("> " + line for line in lines) + "\n\n"


def lose_links(text: str, rng: Random) -> str:
    del rng
    return LINK.sub("", text)


def lose_capitals(text: str, rng: Random) -> str:
    del rng
    return text.lower()


def shout(text: str, rng: Random) -> str:
    del rng
    return text.upper()


def slip(text: str, rng: Random) -> str:
    """Swap, drop or double a character in about one word of twenty."""
    letters = list(text)
    for _ in range(len(text) // 120 + 1):
        at = rng.randrange(len(letters)) if letters else 0
        if at + 1 < len(letters) and letters[at].isalpha() and letters[at + 1].isalpha():
            swapped = letters[at + 1] + letters[at]
            letters[at : at + 2] = rng.choice([swapped, letters[at], letters[at] * 2 + letters[at + 1]])
    return "".join(letters)


def lose_punctuation(text: str, rng: Random) -> str:
    del rng
    return re.sub(r"[.,;:'’]", "", text)


def garble(text: str, rng: Random) -> str:
    """Leave some characters as a mail program or a web page encodes them."""
    table = rng.choice([QUOTED_PRINTABLE, MOJIBAKE])
    return "".join(table[c] if c in table and rng.random() < 0.3 else c for c in text)


def add_debris(text: str, rng: Random) -> str:
    if len(text) < 40:
        return text
    debris = base64.b64encode(rng.randbytes(rng.randint(30, 90))).decode()
    return text + "\n" + debris


INSIDE: tuple[tuple[Callable[[str, Random], str], float], ...] = (
    (lose_links, 0.12),
    (lose_capitals, 0.06),
    (shout, 0.015),
    (slip, 0.08),
    (lose_punctuation, 0.04),
    (garble, 0.03),
    (add_debris, 0.01),
)
