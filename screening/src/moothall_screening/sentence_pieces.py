"""Cuts a text, its group's purpose and its parent post into the word pieces that the sentence model reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

START, PADDING, END = 0, 1, 2
# The encoder was pre-trained on texts that begin so.
PREFIX = "query:"
PURPOSE_PIECES = 40
PARENT_PIECES = 48
WINDOW_PIECES = 256
WINDOWS = 3
# Windows share this many pieces, so that a pitch on the border lies whole in one of them.
OVERLAP_PIECES = 16
# Longer texts are read from both ends: three windows hold about 4,000 characters anyway.
HEAD_CHARACTERS, TAIL_CHARACTERS = 10_000, 6_000
LONE_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text in word pieces: `ids` int64 `(n,)` and the characters of each, `spans` int64 `(n, 2)`."""

    ids: NDArray[np.int64]
    spans: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def window(self, start: int, size: int) -> Pieces:
        return Pieces(self.ids[start : start + size], self.spans[start : start + size])


def both_ends(text: str) -> list[tuple[str, int]]:
    """What is read of a text, and where it begins: all of it, or of a very long one its beginning and its end."""
    if len(text) <= HEAD_CHARACTERS + TAIL_CHARACTERS:
        return [(text, 0)]
    return [(text[:HEAD_CHARACTERS], 0), (text[-TAIL_CHARACTERS:], len(text) - TAIL_CHARACTERS)]


def joined(parts: Sequence[Pieces]) -> Pieces:
    return Pieces(np.concatenate([part.ids for part in parts]), np.concatenate([part.spans for part in parts]))


class Cutter:
    """Turns strings into pieces, and frames them."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.prefix = tokenizer.encode(PREFIX).ids
        # The text's first piece in a row comes after <s> and the prefix.
        self.lead = 1 + len(self.prefix)

    def cut(self, text: str) -> Pieces:
        """All pieces of a text; of a very long one, those of its beginning and of its end."""
        text = LONE_SURROGATES.sub("\ufffd", text)
        return joined([self.cut_part(part, shift) for part, shift in both_ends(text)])

    def cut_part(self, text: str, shift: int) -> Pieces:
        encoded = self.tokenizer.encode(text)
        spans = np.array(encoded.offsets, np.int64).reshape(-1, 2) + shift
        return Pieces(np.array(encoded.ids, np.int64), spans)

    def framed(self, pieces: Sequence[int]) -> list[int]:
        return [START, *self.prefix, *pieces, END]

    def purpose(self, text: str) -> list[int]:
        return self.context(text, PURPOSE_PIECES)

    def parent(self, text: str) -> list[int]:
        return self.context(text, PARENT_PIECES)

    def context(self, text: str, limit: int) -> list[int]:
        """The beginning of a purpose or a parent, framed; no pieces where there is none, or blanks alone."""
        read = LONE_SURROGATES.sub("\ufffd", text[: 12 * limit])
        pieces = [] if read.isspace() else self.tokenizer.encode(read).ids[:limit]
        return self.framed(pieces) if pieces else []

    def row(self, text: Pieces, purpose: Sequence[int], parent: Sequence[int]) -> list[list[int]]:
        return [self.framed(text.ids.tolist()), list(purpose), list(parent)]


def windows_of(pieces: Pieces) -> list[tuple[int, int]]:
    """Start and size of the windows over a text: evenly spread, at most three, none over 256 pieces.

    >>> windows_of(Pieces(np.zeros(300, np.int64), np.zeros((300, 2), np.int64)))
    [(0, 166), (134, 166)]
    """
    total = len(pieces)
    if total <= WINDOW_PIECES:
        return [(0, total)]
    count = min(WINDOWS, ceil(total / (WINDOW_PIECES - OVERLAP_PIECES)))
    size = min(WINDOW_PIECES, ceil(total / count) + OVERLAP_PIECES)
    starts = np.linspace(0, total - size, count).round().astype(int)
    return [(int(start), size) for start in starts]
