"""A text cut into sentences, by place."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^.!?。！？؟।\n]{1,400}(?:[.!?。！？؟।]+[\"'”’)\]]{0,3}|\n|$)?|[.!?。！？؟।]+|\n")
_SPLIT_INSIDE = re.compile(r"[.](?=[a-zA-Z0-9])")
_LONGEST = 400


def sentences(text: str) -> list[tuple[int, int]]:
    """Half-open ranges that cover the text without a gap; a stop inside a host or a number does not end one."""
    found: list[tuple[int, int]] = []
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        if found and _goes_on(text, *found[-1], end):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _goes_on(text: str, start: int, before: int, end: int) -> bool:
    if end - start > _LONGEST:
        return False
    if text[before - 1] == "\n":
        return False
    if text[before : before + 1].isspace():
        return not text[start:before].strip() or text[before:end].isspace()
    return text[before - 1] == "." or not text[before:end].strip().strip(".!?\"'”’)]")
