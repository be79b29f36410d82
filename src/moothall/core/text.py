"""Text as people send it, made fit to be stored, shown and compared."""

from __future__ import annotations

import re
import unicodedata

# A letter with more marks than this is a drawing over its neighbours' lines, not a word: Vietnamese needs two,
# pointed Hebrew four.
MARKS_MOST = 5

_CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
_SURROGATES = range(0xD800, 0xE000)
_NONCHARACTERS = [
    *range(0xFDD0, 0xFDF0),
    *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)),
]
# Embeddings, overrides and isolates reorder what stands around them; the plain marks (U+200E, U+200F, U+061C) do not.
_BIDI_CONTROLS = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_REMOVED = dict.fromkeys([*_CONTROLS, *_SURROGATES, *_NONCHARACTERS, *_BIDI_CONTROLS, 0xFEFF]) | {
    0x09: "\t",
    0x0A: "\n",
    0x2028: "\n",
    0x2029: "\n",
}
# Most texts consist of these alone, which stay as they are; to see that takes a fifth of the time of translating.
_NOT_SURE_TO_STAY = re.compile("[^\t\n -~\xa0-\u2027\u2030-\u2065\u206a-\ud7ff]")
# Marks are beyond ASCII, so only where more than MARKS_MOST such characters stand together can there be too many.
_FOREIGN_RUN = re.compile(rf"[^\x00-\x7f]{{{MARKS_MOST + 1},}}")
_LINE_ENDS = re.compile("\r\n?|\x85")
# Letters and signs by their category that nevertheless show nothing: Hangul fillers, the empty braille pattern.
SHOWS_NOTHING = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def clean(text: str) -> str:
    """The same text without what could break storage or the page around it.

    Controls, lone surrogates and bidirectional overrides go; line ends become LF; spaces at ends of lines and blank
    lines at both ends go; runs of combining marks are cut to `MARKS_MOST`. A text that shows nothing becomes "".
    Cleaning twice changes nothing.
    """
    if "\r" in text or "\x85" in text:
        text = _LINE_ENDS.sub("\n", text)
    if _NOT_SURE_TO_STAY.search(text):
        text = text.translate(_REMOVED)
    if not text.isascii():
        text = _FOREIGN_RUN.sub(_with_few_marks, text)
    text = "\n".join([line.rstrip() for line in text.split("\n")]).strip("\n")
    return text if any(map(_is_visible, text)) else ""


def clean_line(text: str) -> str:
    """As `clean`, on one line: for titles and names."""
    return " ".join(clean(text).split())


def size_bytes(text: str) -> int:
    """Length in UTF-8; lone surrogates count three."""
    return len(text.encode("utf-8", "surrogatepass"))


def _is_visible(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNPS" and char not in SHOWS_NOTHING


def _with_few_marks(found: re.Match[str]) -> str:
    kept, run = [], 0
    for char in found.group():
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if run <= MARKS_MOST:
            kept.append(char)
    return "".join(kept)
