"""Which parts of a text its author did not write: quoted lines, the line that announces them, a signature."""

from __future__ import annotations

import re
from collections.abc import Iterator

_QUOTED = re.compile(r"(?:\n[ \t]{0,4}(?:>|&gt;)[^\n]*)+")
_ANNOUNCED = re.compile(r"\n[^\n]{4,160}(?:wrote|writes|schrieb|écrit|escribió|ha scritto|schreef|skrev):?[ \t]*(?=\n)")
_SIGNATURE = re.compile(r"\n--[ \t]*\n")
_LONGEST_SIGNATURE = 600
MOST_QUOTED = 0.85  # a text that is nearly all quotation is judged by what it quotes


def quoted(text: str) -> Iterator[tuple[int, int]]:
    """Spans of runs of quoted lines; the newline before each run stays outside."""
    framed = "\n" + text
    if "\n>" not in framed and "\n &gt;" not in framed and "\n&gt;" not in framed and "\n >" not in framed:
        return
    for pattern in (_QUOTED, _ANNOUNCED):
        for match in pattern.finditer(framed):
            yield match.start(), match.end() - 1


def signature(text: str) -> tuple[int, int] | None:
    """The signature block at the end of the text, if it has the customary mark and length."""
    last = None
    if "\n--" in text:
        for match in _SIGNATURE.finditer(text, max(0, len(text) - _LONGEST_SIGNATURE)):
            last = match
    return (last.start() + 1, len(text)) if last else None


def left_out(text: str) -> list[tuple[int, int]]:
    """Spans that speak for somebody else: quotations, unless the text is nearly all quotation, and the signature."""
    # Space at the end is no part of what was written, and must not decide how much of it is quotation.
    text = text.rstrip()
    spans = list(quoted(text))
    if sum(end - start for start, end in spans) > MOST_QUOTED * len(text):
        spans = []
    block = signature(text)
    return sorted([*spans, block] if block and block[0] > 0 else spans)


def own_words(text: str) -> str:
    """The text without what is left out."""
    kept, last = [], 0
    for start, end in left_out(text):
        kept.append(text[last : max(last, start)])
        last = max(last, end)
    return "".join([*kept, text[last:]])
