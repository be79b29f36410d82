"""Names as people give them, made fit to stand beside other people's."""

from __future__ import annotations

import re
import unicodedata

from moothall.core.text import clean_line
from moothall_screening.wording import contacts

# Letters of Arabic, Persian and Indic scripts are joined or kept apart by these; all other format characters show
# nothing, reorder their neighbours, or make two names look alike.
JOINERS = "\u200c\u200d"
_INITIAL = re.compile(r"\b(\w)\.(?=\w)")


def clean_name(text: str) -> str:
    """One line without what is invisible; "" when nothing can be seen."""
    line = clean_line(unicodedata.normalize("NFC", text))
    return clean_line("".join(c for c in line if unicodedata.category(c) != "Cf" or c in JOINERS))


def pitch_in(line: str) -> str:
    """In words what a name, or a line beside one, carries of a pitch: "a telephone number", "a price"; "" if nothing.

    Both stand with all that somebody writes, where no post is read as an offer because of them.
    """
    # "J.de Vries" is a person, no site in Germany.
    return contacts(line if "/" in line else _INITIAL.sub(r"\1. ", line))
