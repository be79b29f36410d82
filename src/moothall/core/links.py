"""Web addresses in running text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# An address longer than this stays text; the bound also keeps the search linear on hostile input.
ADDRESS_MOST = 2000
LINK_REL = "nofollow ugc noopener"

# Only what names its scheme or begins with "www.": a guess by top-level domain would make a link of "the end.It was".
_ADDRESS = re.compile(
    rf"(?<![\w@./-])(?:https?://(?=[^\W_]|\[)|www\.(?=[^\W_][\w-]*\.[^\W_]))[^\s<>\"`|\\^{{}}]{{1,{ADDRESS_MOST}}}",
    re.IGNORECASE,
)
_CLOSES = {")": "(", "]": "["}
_ENDS_A_SENTENCE = frozenset(".,;:!?*_~'\u2019\u201d\u2026")


class Piece(NamedTuple):
    """Words, or an address as it was written with where it leads."""

    text: str
    href: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """The text cut at its addresses; joined again the pieces give the text."""
    done = 0
    for found in _ADDRESS.finditer(text):
        address = _without_punctuation(found.group())
        if found.start() > done:
            yield Piece(text[done : found.start()])
        done = found.start() + len(address)
        yield Piece(address, address if "://" in address[:8] else f"http://{address}")
    if done < len(text):
        yield Piece(text[done:])


def _without_punctuation(address: str) -> str:
    """Less the sentence's own punctuation; a bracket belongs to the address if it was opened there."""
    while address:
        last = address[-1]
        opened = _CLOSES.get(last)
        if last not in _ENDS_A_SENTENCE and not (opened and address.count(last) > address.count(opened)):
            return address
        address = address[:-1]
    return address
