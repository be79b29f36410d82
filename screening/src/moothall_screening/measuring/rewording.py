"""What people do to a text to post it again: disguises, padding, and other words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

Rewording = Callable[[str, Random, Sequence[str]], str]

_LOOKALIKES = str.maketrans("aceiopxyABEHKMOPTX", "асеіорхуАВЕНКМОРТХ")
_LEETSPEAK = str.maketrans("aeio", "4310")
_EMOJI = ("😀", "🔥", "✅", "👉", "💥", "🚀")
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_SENTENCES_BEFORE = _SENTENCES_AFTER = 2
_NAMES = 3
_COMMON_WORDS = """
the=le a=un an=un and=et or=ou of=de to=à in=dans on=sur at=chez for=pour with=avec from=depuis by=par is=est are=sont
was=était be=être it=il that=que this=ce these=ces we=nous our=notre us=nous you=vous your=votre i=je my=mon me=moi
they=ils their=leur he=il she=elle not=pas no=non yes=oui if=si but=mais so=donc as=comme all=tout any=quelque
some=quelques more=plus most=plupart can=peut will=va would=voudrait have=avoir has=a do=faire now=maintenant here=ici
there=là when=quand what=quoi who=qui how=comment one=un two=deux new=nouveau good=bon best=meilleur free=gratuit
day=jour week=semaine year=année people=gens time=temps just=juste
"""
_COMMON = dict(pair.split("=") for pair in _COMMON_WORDS.split())


def _look_alikes(text: str, random: Random, others: Sequence[str]) -> str:
    return text.translate(_LOOKALIKES)


def _figures_for_letters(text: str, random: Random, others: Sequence[str]) -> str:
    """In every third word."""
    words = text.split(" ")
    return " ".join(word.translate(_LEETSPEAK) if place % 3 == 0 else word for place, word in enumerate(words))


def _capitals(text: str, random: Random, others: Sequence[str]) -> str:
    return text.upper()


def _zero_width(text: str, random: Random, others: Sequence[str]) -> str:
    return "".join(letter + random.choice(_ZERO_WIDTH) for letter in text)


def _emoji(text: str, random: Random, others: Sequence[str]) -> str:
    return " ".join(f"{word} {random.choice(_EMOJI)}" for word in text.split())


def _spaced_out(text: str, random: Random, others: Sequence[str]) -> str:
    return "  ".join(" ".join(word) for word in text.split())


def _other_figures(text: str, random: Random, others: Sequence[str]) -> str:
    linked = _LINK.sub(lambda found: f"https://www.other{random.randrange(1000)}.example/", text)
    return re.sub(r"\d", lambda found: str(random.randrange(10)), linked) + " https://www.shop.example/new"


def _padded(text: str, random: Random, others: Sequence[str]) -> str:
    """With sentences of other posts before and after it."""
    before = " ".join(random.choice(others) for _ in range(_SENTENCES_BEFORE))
    after = " ".join(random.choice(others) for _ in range(_SENTENCES_AFTER))
    return f"{before} {text} {after}"


def _first_half(text: str, random: Random, others: Sequence[str]) -> str:
    return text[: len(text) // 2]


def _names_replaced(text: str, random: Random, others: Sequence[str]) -> str:
    """Its three longest words by others, wherever they stand: the same advert for another town and trade."""
    longest = sorted(set(re.findall(r"\w+", text)), key=lambda word: (-len(word), word))[:_NAMES]
    for word in longest:
        text = re.sub(rf"\b{re.escape(word)}\b", _foreign_word(random, others), text)
    return text


def _translated(text: str, random: Random, others: Sequence[str]) -> str:
    """The commonest English words by French ones, one by one, as find-and-replace would."""
    return re.sub(r"\w+", lambda found: _COMMON.get(found[0].lower(), found[0]), text)


def _with_other_words(share: float) -> Rewording:
    def replaced(text: str, random: Random, others: Sequence[str]) -> str:
        words = text.split()
        for place in random.sample(range(len(words)), round(share * len(words))):
            words[place] = _foreign_word(random, others)
        return " ".join(words)

    return replaced


def _foreign_word(random: Random, others: Sequence[str]) -> str:
    return random.choice(random.choice(others).split())


REWORDINGS: Mapping[str, Rewording] = {
    "capitals": _capitals,
    "look-alikes of other scripts": _look_alikes,
    "figures for letters in a third": _figures_for_letters,
    "zero-width marks": _zero_width,
    "emoji between words": _emoji,
    "letters spaced out": _spaced_out,
    "other figures and links": _other_figures,
    "four foreign sentences around": _padded,
    "5% of the words replaced": _with_other_words(0.05),
    "10% of the words replaced": _with_other_words(0.10),
    "20% of the words replaced": _with_other_words(0.20),
    "30% of the words replaced": _with_other_words(0.30),
    "three names replaced throughout": _names_replaced,
    "common words put into French": _translated,
    "the first half alone": _first_half,
}

# What hides letters without changing what a reader sees.
DISGUISES = (
    "capitals",
    "look-alikes of other scripts",
    "figures for letters in a third",
    "zero-width marks",
    "emoji between words",
    "letters spaced out",
)
