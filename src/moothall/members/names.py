"""Names as people give them, made fit to stand beside other people's."""

from __future__ import annotations

import unicodedata

from moothall.core.text import clean_line

# Letters of Arabic, Persian and Indic scripts are joined or kept apart by these; all other format characters show
# nothing, reorder their neighbours, or make two names look alike.
JOINERS = "\u200c\u200d"


def clean_name(text: str) -> str:
    """One line without what is invisible; "" when nothing can be seen."""
    line = clean_line(unicodedata.normalize("NFC", text))
    return clean_line("".join(c for c in line if unicodedata.category(c) != "Cf" or c in JOINERS))
