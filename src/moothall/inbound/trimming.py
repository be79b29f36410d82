"""What of a mail becomes the post: the author's own words, and the quoted lines that these answer one by one.

A quotation above or below all own words is what a mail program put there, and goes. Between own words it is what they
answer, and stays. In a mail that answers none, a quotation without a program's mark is its author's, and stays too. A
forwarded mail goes when its sender said something about it; alone it is what they want to show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from moothall.core.plain import SHOWN_LINES
from moothall.core.quoting import Segment, SegmentKind, segments
from moothall.core.quoting_attributions import is_attribution
from moothall.core.quoting_marks import quote_depth
from moothall.inbound.forward_marks import forward_start

# A sentence, or a postscript, after a bare `--` is no signature: many people rule off a last thought so.
_SENTENCE = re.compile(r"(?:\S+\s+){7,}\S.{0,400}[.!?…。]\s*$", re.MULTILINE)
_POSTSCRIPT = re.compile(r"^\s*P\.? ?S\.?\b", re.IGNORECASE | re.MULTILINE)
_LONGEST_DOUBTFUL = 2000
_LONGEST_INTRODUCTION = 2
_LONGEST_SAID_ON = 2


@dataclass(frozen=True, slots=True)
class Trimmed:
    """`text` would be posted; the others were taken out. Each of the mail's lines is in one of the four."""

    text: str
    quotes: str = ""
    signature: str = ""
    forward: str = ""


def trim(text: str) -> Trimmed:
    """Cut a mail's text (lines end in `\\n`).

    >>> trim("Splice it.\\n\\nOn Monday Mia wrote:\\n> Splice or replace?\\n-- \\nMo\\n").text
    'Splice it.'
    """
    return _apart_from_forward(text, lambda own: _trimmed(_cut(own)))


def trim_new(text: str) -> Trimmed:
    """The same for a mail that answers none: what its author quotes is a part of what they say.

    >>> trim_new("The manual says:\\n\\n> No cement on cob.\\n\\nWho agrees?\\n").text
    'The manual says:\\n\\n> No cement on cob.\\n\\nWho agrees?'
    """
    return _apart_from_forward(text, _trimmed_new)


def _apart_from_forward(text: str, trimmed: Callable[[str], Trimmed]) -> Trimmed:
    lines = text.split("\n")
    start = forward_start(lines)
    if start is None:
        return trimmed(text)
    above = trimmed("\n".join(lines[:start]))
    forward = "\n".join(lines[start:])
    if above.text:
        return Trimmed(above.text, above.quotes, above.signature, forward.strip("\n"))
    return Trimmed(forward.strip(), above.quotes, above.signature)


def _cut(text: str) -> list[Segment]:
    return [_reconsidered(segment) for segment in segments(text)]


def _trimmed_new(text: str) -> Trimmed:
    cut = _cut(text)
    runs = [list(run) for kind, run in groupby(cut, key=lambda segment: segment.kind) if kind is SegmentKind.QUOTE]
    introductions = [_introduction(run[0].text) for run in runs]
    is_said = any(introductions) or any(segment.kind is SegmentKind.OWN and segment.text.strip() for segment in cut)
    if not is_said or any(map(_is_programs, introductions)):
        return _trimmed(cut)
    kept = [segment for segment in cut if segment.kind is not SegmentKind.SIGNATURE]
    return Trimmed(_with_answers_apart(kept), "", _joined(_signatures(cut)))


def _introduction(quotation: str) -> list[str]:
    """The lines in front that are not marked themselves."""
    return list(takewhile(lambda line: line.strip() and not quote_depth(line), quotation.lstrip("\n").split("\n")))


def _is_programs(introduction: list[str]) -> bool:
    """Programs put a header block there, or a line that says when, or by which address."""
    said = "".join(introduction)
    return len(introduction) > _LONGEST_INTRODUCTION or any(letter.isdigit() or letter == "@" for letter in said)


def _trimmed(cut: Sequence[Segment]) -> Trimmed:
    own = [at for at, segment in enumerate(cut) if segment.kind is SegmentKind.OWN and segment.text.strip()]
    answered = {at for at in range(own[0], own[-1]) if cut[at].kind is SegmentKind.QUOTE} if own else set()
    if answered:
        answered |= _opening_quote(cut, own[0])
    answered |= _said_on(cut) or (_picked_out(cut, own[0]) if own else set())
    kept = [segment for at, segment in enumerate(cut) if segment.kind is SegmentKind.OWN or at in answered]
    quotes = [s for at, s in enumerate(cut) if s.kind is SegmentKind.QUOTE and at not in answered]
    return Trimmed(_with_answers_apart(kept), _joined(quotes), _joined(_signatures(cut)))


def _signatures(cut: Sequence[Segment]) -> list[Segment]:
    return [segment for segment in cut if segment.kind is SegmentKind.SIGNATURE]


def _picked_out(cut: Sequence[Segment], first_own: int) -> set[int]:
    """A few lines on top that nothing introduces: a program says whose they are, so somebody chose to answer these."""
    above = "".join(segment.text for segment in cut[:first_own] if segment.kind is SegmentKind.QUOTE)
    quoted = [line for line in above.split("\n") if line.strip()]
    if len(quoted) > SHOWN_LINES or not all(map(quote_depth, quoted)):
        return set()
    is_introduced = any(is_attribution(line.lstrip("> ")) for line in quoted)
    return set() if is_introduced else _opening_quote(cut, first_own)


def _said_on(cut: Sequence[Segment]) -> set[int]:
    """Where nothing else is quoted, a line or two right below own words: "more than" that came to begin a line."""
    quotes = [at for at, segment in enumerate(cut) if segment.kind is SegmentKind.QUOTE]
    if len(quotes) != 1 or quotes[0] == 0:
        return set()
    before, quote = cut[quotes[0] - 1], cut[quotes[0]].text.strip("\n").split("\n")
    is_close = before.kind is SegmentKind.OWN and bool(before.text.rpartition("\n")[0].rpartition("\n")[2].strip())
    return set(quotes) if is_close and len(quote) <= _LONGEST_SAID_ON and all(map(quote_depth, quote)) else set()


def _opening_quote(cut: Sequence[Segment], first_own: int) -> set[int]:
    """What the first answer answers stands right above it."""
    return {at for at in range(first_own) if cut[at].kind is SegmentKind.QUOTE}


def _reconsidered(segment: Segment) -> Segment:
    if segment.kind is not SegmentKind.SIGNATURE or segment.text.startswith(("-- \n", "- -- \n")):
        return segment
    delimiter, _, below = segment.text.partition("\n")
    if delimiter.strip() != "--" or len(below) > _LONGEST_DOUBTFUL:
        return segment
    is_said = _SENTENCE.search(below) or _POSTSCRIPT.search(below)
    return Segment(SegmentKind.OWN, segment.text) if is_said else segment


def _with_answers_apart(kept: Sequence[Segment]) -> str:
    """In Markdown a line right below a quoted one would belong to the quotation."""
    pieces: list[str] = []
    before: Segment | None = None
    for segment in kept:
        if before is not None and before.kind is not segment.kind and not before.text.endswith("\n\n"):
            pieces.append("\n")
        pieces.append(segment.text)
        before = segment
    return "".join(pieces).strip()


def _joined(cut: Sequence[Segment]) -> str:
    return "".join(segment.text for segment in cut).strip("\n")
