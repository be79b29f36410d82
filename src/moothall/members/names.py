"""Names as people give them, made fit to stand beside other people's."""

from __future__ import annotations

import re
import unicodedata

from moothall.core.text import SHOWS_NOTHING, clean_line
from moothall_screening.folding import codepoints, fold, text_of
from moothall_screening.wording import contacts, offer_words

# Letters of Arabic, Persian and Indic scripts are joined or kept apart by these; all other format characters show
# nothing, reorder their neighbours, or make two names look alike.
JOINERS = "\u200c\u200d"
_INITIAL = re.compile(r"\b(\w)\.(?=\w)")
# "O1473 555O123"
_FOR_A_DIGIT = re.compile(r"(?<=\d)[OoIl]|(?<![^\W\d_])[OoIl](?=\d)")
_DIGITS = str.maketrans("OoIl", "0011")
# As "555-0123" is written; a standard of a year, "BS 476-1987", is none.
_LOCAL_NUMBER = re.compile(r"(?<![\d-])\d{3}[-. ](?!(?:19|20)\d\d(?!\d))\d{4}(?![\d-])")
_SERVICES = "insta(?:gram)?|telegram|whats ?app|wechat|tik ?tok|facebook|twitter|only ?fans"
# In folded text, beside the words of an offer that the library knows. LINE and X are words too, so they count beside a
# handle only.
_ELSEWHERE = re.compile(
    "|".join(
        (
            rf"@[\w.]+(?: on (?:line|x)|\W{{1,3}}(?:on )?(?:{_SERVICES}))\b",
            rf"\b(?:(?:line|x) ?: ?|(?:{_SERVICES})\W{{1,3}})@[\w.]+",
            rf"\b(?:{_SERVICES})(?: me\b| ?: ?\w+)",
            rf"(?<!\bnot )\bon (?:{_SERVICES})\b",
            r"\bcall me(?= (?:now|today|for|on|at)\b|\W*$)",
            r"\bvisit (?:my|our) (?:web ?)?(?:site|page|shop|profile)\b",
            r"\bsee my profile\b",
        )
    )
)


# They show nothing wherever they stand (Unicode's Default_Ignorable_Code_Point, and the frame of a key).
_UNSEEN = [
    *(0xAD, 0x34F, 0x61C, 0x17B4, 0x17B5, 0x20E3, 0xFEFF, 0x1D159),
    *(*range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)),
    *range(0xE0000, 0xE0200),
]
_WITH_BLANKS = dict.fromkeys(_UNSEEN, "") | dict.fromkeys(map(ord, SHOWS_NOTHING), " ")
_WITHOUT_BLANKS = dict.fromkeys([*_UNSEEN, *map(ord, SHOWS_NOTHING)], "")


def clean_name(text: str) -> str:
    """One line without what is invisible; "" when nothing can be seen."""
    line = clean_line(unicodedata.normalize("NFC", text))
    return clean_line("".join(c for c in line if unicodedata.category(c) != "Cf" or c in JOINERS))


def contact_in(text: str) -> str:
    """In words by what a text lets its readers reach or pay somebody, as "a telephone number"; "" if by nothing."""
    return _contact_in(text.translate(_WITH_BLANKS)) or _contact_in(text.translate(_WITHOUT_BLANKS))


def _contact_in(text: str) -> str:
    # "J.de Vries" is a person, no site in Germany.
    spaced = text if "/" in text else _INITIAL.sub(r"\1. ", text)
    return contacts(spaced) or contacts(_FOR_A_DIGIT.sub(lambda letter: letter[0].translate(_DIGITS), spaced))


def pitch_in(line: str) -> str:
    """What a name, or a line beside one, carries of a pitch: "a telephone number", "“free quotes”"; "" if nothing.

    Both stand with all that somebody writes, where no post is read as an offer because of them.
    """
    return _pitch_in(line.translate(_WITH_BLANKS)) or _pitch_in(line.translate(_WITHOUT_BLANKS))


def _pitch_in(line: str) -> str:
    if carried := _contact_in(line):
        return carried
    if _LOCAL_NUMBER.search(line):
        return "a telephone number"
    found = _ELSEWHERE.search(text_of(fold(codepoints(line))))
    words = offer_words(line) or (line[found.start() : found.end()] if found else "")
    return f"“{words}”" if words else ""
