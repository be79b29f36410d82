"""Hashed n-grams of many texts at once, in numpy, each with the place in its text where it was read.

Prefix sums of a polynomial give the hash of any word in constant time: the difference of two prefixes, divided by
the power of its first position. The base is odd, so powers of it have inverses modulo 2**64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from moothall_screening import folding
from moothall_screening.quoting import MOST_QUOTED, may_leave_out, quoted, signature
from moothall_screening.shapes import shapes

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
T = TypeVar("T", np.float64, np.complex128)

BITS = 18
CHAR_SIZES = (2, 3, 4, 5)
LONGEST_TEXT = 65_536

_BASE = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
_MIX = np.uint32(0x85EBCA6B)
_STEP = np.uint32(0x01000193)
_WORD_SEED = np.uint64(0xD6E8FEB86659FD93)
_CLOSE = ord("\n")


@dataclass(frozen=True, slots=True)
class Texts:
    """Folded texts laid end to end, each closed by a space."""

    codes: folding.Codes
    offsets: Ints  # of each folded codepoint, in its own text
    bounds: Ints  # of each text in `codes`, one more than there are texts
    capitals: Floats  # share of capitals among each text's codepoints
    hidden: Floats  # share of codepoints that nobody sees

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def rows(self) -> Ints:
        return np.repeat(np.arange(len(self)), np.diff(self.bounds))

    def only(self, text: int) -> Texts:
        part = slice(self.bounds[text], self.bounds[text + 1])
        codes = self.codes[part]
        bounds = np.array([0, len(codes)])
        return Texts(codes, self.offsets[part], bounds, self.capitals[text : text + 1], self.hidden[text : text + 1])


@dataclass(frozen=True, slots=True)
class Grams:
    """Hashes below 2**BITS, each with the folded codepoint at which it starts."""

    hashes: Hashes
    starts: Ints


def read(texts: Sequence[str]) -> Texts:
    cut = [text[:LONGEST_TEXT].rstrip() + "\n" for text in texts]
    joined = "".join(cut)
    lengths = np.fromiter(map(len, cut), dtype=np.int64, count=len(cut))
    bounds = np.concatenate(([0], np.cumsum(lengths)))
    raw = folding.codepoints(joined)
    codes = folding.fold(raw)
    capitals = _share((raw >= ord("A")) & (raw <= ord("Z")), bounds)
    hidden = _share(codes == folding.GONE, bounds)
    _blank_quotations(codes, joined, cut, bounds)
    codes, places = _compress(codes)
    if _blank_shapes(codes, np.searchsorted(places, bounds[1:]) - 1):
        codes, kept = _compress(codes)
        places = places[kept]
    new_bounds = np.searchsorted(places, bounds)
    offsets = places - np.repeat(bounds[:-1], np.diff(new_bounds))
    return Texts(codes, offsets, new_bounds, capitals, hidden)


def _share(flags: Flags, bounds: Ints) -> Floats:
    counts = np.diff(np.searchsorted(np.flatnonzero(flags), bounds))
    share: Floats = counts / (np.diff(bounds) + 10.0)
    return share


def _compress(codes: folding.Codes) -> tuple[folding.Codes, Ints]:
    """Drops what is gone, and spaces after a space, before the first text or after the close of the one before."""
    kept = codes != folding.GONE
    places = np.flatnonzero(kept)
    left = codes[places]
    space = left == folding.SPACE
    needless = space & np.concatenate(([True], space[:-1]))
    return left[~needless], places[~needless]


def _blank_quotations(codes: folding.Codes, joined: str, texts: list[str], bounds: Ints) -> None:
    if not may_leave_out(joined):
        return
    for text, first in zip(texts, bounds.tolist(), strict=False):
        spans = list(quoted(text[:-1]))
        if sum(end - start for start, end in spans) <= MOST_QUOTED * len(text):
            for start, end in spans:
                codes[first + start : first + end] = folding.GONE
                codes[first + start : first + start + 1] = folding.QUOTE
        block = signature(text[:-1])
        if block and block[0] > 0:
            codes[first + block[0] : first + block[1]] = folding.GONE
            codes[first + block[0]] = folding.SIGNATURE


def _blank_shapes(codes: folding.Codes, closes: Ints) -> bool:
    """`closes` are the spaces that close the texts: no shape goes across one."""
    closes = closes[closes >= 0]
    codes[closes] = _CLOSE
    text = "\n" + folding.text_of(codes)
    codes[closes] = folding.SPACE
    # Its single signs are set in half the time that those of the array take.
    signs = codes.data
    found = False
    for code, first, last in shapes(text):
        found = True
        start, end = first - 1, last - 1
        if code == folding.SPACED:
            inner = codes[start : end - 1]
            inner[inner == folding.SPACE] = folding.GONE
        else:
            signs[start] = code
            if end == start + 2:
                signs[start + 1] = folding.GONE
            elif end > start + 2:
                codes[start + 1 : end] = folding.GONE
    return found


def char_grams(texts: Texts) -> list[Grams]:
    """For each size, the n-grams of codepoints that do not cross from one text into the next."""
    codes = texts.codes
    rolling = codes * _STEP
    found = []
    for size in range(1, max(CHAR_SIZES) + 1):
        if size > 1:
            rolling = (rolling[:-1] ^ codes[size - 1 :]) * _STEP
            rolling ^= rolling >> np.uint32(13)
        if size in CHAR_SIZES:
            starts = _inside(texts.bounds, size, len(rolling))
            mixed = (rolling[starts] + np.uint32(size)) * _MIX
            found.append(Grams(mixed >> np.uint32(32 - BITS), starts))
    return found


def _inside(bounds: Ints, size: int, count: int) -> Ints:
    within = np.ones(count, dtype=np.bool_)
    for back in range(1, size):
        crossing = bounds[1:-1] - back
        within[crossing[(crossing >= 0) & (crossing < count)]] = False
    return np.flatnonzero(within)


@cache
def _powers(length: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    inverse = pow(_BASE, -1, 1 << 64)
    steps = np.ones((2, length), dtype=np.uint64)
    steps[0, 1:] = np.uint64(_BASE & _MASK)
    steps[1, 1:] = np.uint64(inverse)
    return np.cumprod(steps[0]), np.cumprod(steps[1])


def _powers_for(length: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    up, down = _powers(1 << max(12, (length + 1).bit_length()))
    return up[:length], down[:length]


@cache
def _letter_table() -> Flags:
    table = np.zeros(0x20000, dtype=np.bool_)
    for code in range(0x3000):
        table[code] = chr(code).isalnum() or chr(code) in "'"
    table[0x3000:0xD800] = True
    table[0xF900:0xFFF0] = True
    table[folding.EMOJI : folding.EMOJI + 16] = True
    return table


def word_bounds(texts: Texts) -> tuple[Ints, Ints]:
    """Half-open ranges of folded codepoints; no word crosses texts, since each ends with a space."""
    letters = np.zeros(len(texts.codes) + 2, dtype=np.int8)
    letters[1:-1] = _letter_table()[np.minimum(texts.codes, 0x1FFFF)]
    change = np.diff(letters)
    return np.flatnonzero(change == 1), np.flatnonzero(change == -1)


def letters_of(codes: folding.Codes) -> folding.Codes:
    """The letters alone."""
    kept = _letter_table()[np.minimum(codes, 0x1FFFF)] & (codes != folding.DIGIT) & (codes != ord("'"))
    letters: folding.Codes = codes[kept & ((codes < folding.EMOJI) | (codes > folding.EMOJI + 16))]
    return letters


def word_hashes(texts: Texts, starts: Ints, ends: Ints) -> npt.NDArray[np.uint64]:
    up, down = _powers_for(len(texts.codes) + 1)
    prefix = np.zeros(len(texts.codes) + 1, dtype=np.uint64)
    np.cumsum(texts.codes.astype(np.uint64) * up[:-1], out=prefix[1:])
    hashes: npt.NDArray[np.uint64] = (prefix[ends] - prefix[starts]) * down[starts]
    hashes ^= hashes >> np.uint64(29)
    return hashes * _WORD_SEED


def word_grams(texts: Texts) -> list[Grams]:
    """Words, and pairs of neighbouring words."""
    starts, ends = word_bounds(texts)
    words = word_hashes(texts, starts, ends)
    rows = np.searchsorted(texts.bounds, starts, side="right")
    pairs = (words[:-1] * np.uint64(31)) ^ words[1:]
    pairs *= _WORD_SEED
    together = np.flatnonzero(rows[:-1] == rows[1:])
    return [
        Grams((words >> np.uint64(64 - BITS)).astype(np.uint32), starts),
        Grams((pairs[together] >> np.uint64(64 - BITS)).astype(np.uint32), starts[together]),
    ]


def segment_sums(values: npt.NDArray[T], edges: Ints) -> npt.NDArray[T]:
    """The sum of the values between each edge and the next; nought where there are none."""
    sums = np.zeros(len(edges) - 1, dtype=values.dtype)
    filled = np.flatnonzero(edges[1:] > edges[:-1])
    if filled.size:
        sums[filled] = np.add.reduceat(values, edges[filled])
    return sums
