"""A text cut into sentences, by place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

# Full stops of Latin scripts end a sentence only before a space: hosts and numbers have them inside.
_END = re.compile(r"(?<![.!?])[.!?]++[\"'\u201d\u2019)\]]{0,3}(?=\s)|[\u3002\uff01\uff1f\u061f\u0964]{1,20}|\n")
_SHORTEST = 8
_LONGEST = 400
# What comes after so many ends is cut by length alone: in 64 kB it has sixteen characters to a sentence.
_MOST = 4_000


def sentences(text: str) -> list[tuple[int, int]]:
    """Half-open ranges that cover the text without a gap, none longer than some lines."""
    found: list[tuple[int, int]] = []
    start = 0
    for end in _ends(text):
        if end - start < _SHORTEST and end < len(text) and not _is_line(text, start, end):
            continue
        while end - start > _LONGEST:
            middle = _break_before(text, start + _LONGEST, start)
            found.append((start, middle))
            start = middle
        found.append((start, end))
        start = end
    return found


def _is_line(text: str, start: int, end: int) -> bool:
    return text[end - 1] == "\n" and not text[start:end].isspace()


def _ends(text: str) -> Iterator[int]:
    for match in islice(_END.finditer(text), _MOST):
        yield match.end()
    if text and not text.endswith("\n"):
        yield len(text)


def _break_before(text: str, end: int, start: int) -> int:
    """After the last space before `end`, or there where there is none."""
    space = text.rfind(" ", start + 1, end)
    return space + 1 if space > 0 else end
