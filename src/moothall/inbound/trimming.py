"""What of a mail becomes the post: the author's own words, and the quoted lines that these answer one by one.

A quotation above or below all own words is what a mail program put there, and goes. Between own words it is what they
answer, and stays. A forwarded mail goes when its sender said something about it; alone it is what they want to show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from moothall.core.quoting import Segment, SegmentKind, segments
from moothall.inbound.forward_marks import forward_start

# A sentence, or a postscript, after a bare `--` is no signature: many people rule off a last thought so.
_SENTENCE = re.compile(r"(?:\S+\s+){7,}\S.{0,400}[.!?…。]\s*$", re.MULTILINE)
_POSTSCRIPT = re.compile(r"^\s*P\.? ?S\.?\b", re.IGNORECASE | re.MULTILINE)
_LONGEST_DOUBTFUL = 2000


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
    lines = text.split("\n")
    start = forward_start(lines)
    if start is None:
        return _trim_reply(text)
    above = _trim_reply("\n".join(lines[:start]))
    forward = "\n".join(lines[start:])
    if above.text:
        return Trimmed(above.text, above.quotes, above.signature, forward.strip("\n"))
    return Trimmed(forward.strip(), above.quotes, above.signature)


def _trim_reply(text: str) -> Trimmed:
    cut = [_reconsidered(segment) for segment in segments(text)]
    own = [at for at, segment in enumerate(cut) if segment.kind is SegmentKind.OWN and segment.text.strip()]
    answered = {at for at in range(own[0], own[-1]) if cut[at].kind is SegmentKind.QUOTE} if own else set()
    if answered:
        answered |= _opening_quote(cut, own[0])
    kept = [segment for at, segment in enumerate(cut) if segment.kind is SegmentKind.OWN or at in answered]
    quotes = [s for at, s in enumerate(cut) if s.kind is SegmentKind.QUOTE and at not in answered]
    signatures = [segment for segment in cut if segment.kind is SegmentKind.SIGNATURE]
    return Trimmed(_with_answers_apart(kept), _joined(quotes), _joined(signatures))


def _opening_quote(cut: Sequence[Segment], first_own: int) -> set[int]:
    """What the first answer answers stands right above it."""
    return {at for at in range(first_own) if cut[at].kind is SegmentKind.QUOTE}


def _reconsidered(segment: Segment) -> Segment:
    if segment.kind is not SegmentKind.SIGNATURE or segment.text.startswith("-- \n"):
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
