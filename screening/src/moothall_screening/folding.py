"""Text as codepoints in one lettering: case, width, accents, look-alikes and invisible marks folded away."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]

GONE = 0
SPACE = 32
DIGIT = ord("0")
EMOJI = 0xE000
HOST, EMAIL, PHONE, PRICE, HANDLE, SPACED, QUOTE, SIGNATURE, PERCENT = range(0xE001, 0xE00A)

# Letters of other scripts that pass for Latin ones. One table for all texts: a word of a language that
# really uses them changes its codepoints too, but always in the same way, so nothing is lost to the model.
_LOOKALIKES = dict(
    zip(
        "\u0430\u0432\u0435\u0455\u0456\u0458\u043a\u051b\u043e\u0440\u0441\u0501\u0442\u051d\u0443\u0445\u0475"
        "\u04bb\u050d\u0261\u0251\u0131\u03b1\u03b5\u03bd\u03b9\u03ba\u03bf\u03c1\u03c4\u03c5\u03c7"
        "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2018\u2019`\u00b4\u201c\u201d\u201e\u00ab\u00bb\u2026",
        'abesijkqopcdtwyxvhggaiaevikoptux-------\'\'\'\'""""".',
        strict=True,
    )
)
_INVISIBLE = ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0x0300, 0x036F))
_EMOJI = ((0x2190, 0x21FF), (0x2300, 0x23FF), (0x25A0, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))
_SIZE = 0x20000


def _fold(code: int) -> int:
    letter = chr(code)
    if 0xD800 <= code <= 0xDFFF or 0xE000 <= code <= 0xF8FF:
        return GONE
    decomposed = unicodedata.normalize("NFKD", letter)
    base = decomposed[0] if decomposed else letter
    lowered = base.lower()[:1] or base
    lowered = _LOOKALIKES.get(lowered, lowered)
    if lowered.isdecimal():
        return DIGIT
    return SPACE if lowered.isspace() else ord(lowered)


@cache
def table() -> Codes:
    """The folded codepoint of every codepoint below 0x20000; `GONE` where nothing is left."""
    folded = np.arange(_SIZE, dtype=np.uint32)
    for low, high in ((0, 0x2FFF), (0xD800, 0xFFFF), (0x1D400, 0x1D7FF)):
        folded[low : high + 1] = [_fold(code) for code in range(low, high + 1)]
    for low, high in _INVISIBLE:
        folded[low : high + 1] = GONE
    for low, high in _EMOJI:
        folded[low : high + 1] = EMOJI
    folded[[0, 0xAD, 0xFEFF, 0x180E]] = GONE
    folded[1:9] = GONE
    return folded


def codepoints(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def text_of(codes: Codes) -> str:
    return str(codes.tobytes(), "utf-32-le", "surrogatepass")


def fold(codes: Codes) -> Codes:
    """A writable array of the same length, position by position."""
    lookup = table()
    if codes.size and int(codes.max()) >= _SIZE:
        codes = np.where(codes < _SIZE, codes, EMOJI)
    return lookup[codes]
