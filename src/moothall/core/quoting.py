"""Which words of a mail are its author's own, which are quoted, and which are a signature or a list's footer.

`segments` cuts a text and loses nothing: its segments joined are the text. It is line based and linear, and follows
RFC 3676 (sections 4.3 and 4.5: signature delimiter `-- `, quote marks) and what mail programs do without a standard:
attribution lines ("On … X wrote:") in many languages, Outlook's "-----Original Message-----" and header blocks, and
the footers of Mailman, Google Groups, Groups.io, Yahoo and ezmlm. Forwarded text counts as the author's own: to
forward is to post. Whether somebody *really* quotes can't be seen from the text alone, so a judge must not take the
label QUOTE for an excuse: what is folded for a reader is still part of the post.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from moothall.core.quoting_attributions import attribution_start, ends_in_attribution, unmarked_attribution_length
from moothall.core.quoting_devices import is_sent_from_device
from moothall.core.quoting_fields import original_block_length
from moothall.core.quoting_marks import armour_length, footer_length, is_prompt, quote_depth, signature_length

_ATTRIBUTION_LINES = 4
_BLANKS_BEFORE_QUOTE = 2


class SegmentKind(StrEnum):
    OWN = "own"
    QUOTE = "quote"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Segment:
    kind: SegmentKind
    text: str
    depth: int = 0  # of quoting; 0 unless kind is QUOTE, and at least 1 there


_Mark = tuple[SegmentKind, int]
_OWN: _Mark = (SegmentKind.OWN, 0)
_SIGNATURE: _Mark = (SegmentKind.SIGNATURE, 0)
_QUOTE: _Mark = (SegmentKind.QUOTE, 1)


def segments(text: str) -> tuple[Segment, ...]:
    """Cut a text (lines end in `\\n`) into runs of one kind and depth.

    >>> text = "On Monday Mia wrote:\\n> Hi\\nHello\\n-- \\nMo\\n"
    >>> [(segment.kind.value, segment.text) for segment in segments(text)]
    [('quote', 'On Monday Mia wrote:\\n> Hi\\n'), ('own', 'Hello\\n'), ('signature', '-- \\nMo\\n')]
    """
    if not text:
        return ()
    lines = text.split("\n")
    marks: list[_Mark | None] = [None] * len(lines)
    _mark_quotes(lines, marks)
    _mark_attributions(lines, marks)
    _mark_blocks(lines, marks)
    return tuple(_runs(lines, _with_blanks_joined(lines, marks)))


def own_text(text: str) -> str:
    """The author's own words alone, stripped; "" when there are none."""
    return own_words(segments(text))


def own_words(cut: Iterable[Segment]) -> str:
    return "".join(segment.text for segment in cut if segment.kind is SegmentKind.OWN).strip()


def _mark_quotes(lines: list[str], marks: list[_Mark | None]) -> None:
    at = 0
    # Every mark has one of these signs; most lines have neither.
    depths = [quote_depth(line) if ">" in line or "|" in line else 0 for line in lines]
    for is_quoted, run in groupby(depths, key=bool):
        quoted = list(run)
        end = at + len(quoted)
        if is_quoted and not is_prompt(lines[at:end]):
            marks[at:end] = [(SegmentKind.QUOTE, depth) for depth in quoted]
        at = end


def _mark_attributions(lines: list[str], marks: list[_Mark | None]) -> None:
    for start in range(1, len(lines)):
        if marks[start] is None or marks[start - 1] is not None:
            continue
        end = start
        while end > 0 and start - end < _BLANKS_BEFORE_QUOTE and not lines[end - 1].strip():
            end -= 1
        free = end
        while free > 0 and end - free < _ATTRIBUTION_LINES and marks[free - 1] is None:
            free -= 1
        first = attribution_start(lines, free, end)
        marks[first:end] = [_QUOTE] * (end - first)


def _mark_blocks(lines: list[str], marks: list[_Mark | None]) -> None:
    at = 0
    has_own = False
    while at < len(lines):
        if marks[at] is not None or not lines[at].strip():
            at += 1
            continue
        if length := footer_length(lines, at) or _signature_length(lines, marks, at):
            _fill(marks, at, at + length, _SIGNATURE)
        elif length := original_block_length(lines, at) or unmarked_attribution_length(lines, at):
            # Where nothing stands above the block, the answer must be below or within: only the block is quotation.
            length = _whole_original(lines, marks, at, length) if has_own else length
            _fill(marks, at, at + length, _QUOTE)
        elif _ends_paragraph(lines, marks, at) and is_sent_from_device(lines[at]):
            length = 1
            marks[at] = _SIGNATURE
        else:
            has_own = True
            length = _whole_original(lines, marks, at, 1) if ends_in_attribution(lines[at]) else 1
            _fill(marks, at + 1, at + length, _QUOTE)
        at += length


def _signature_length(lines: list[str], marks: list[_Mark | None], at: int) -> int:
    if lines[at][:1] != "-":
        return 0
    return armour_length(lines, at) or signature_length(lines, at, _free_until(marks, at))


def _ends_paragraph(lines: list[str], marks: list[_Mark | None], at: int) -> bool:
    below = at + 1
    if below >= len(lines) or not lines[below].strip() or marks[below] is not None:
        return True
    if lines[below][:1] not in "-_*":
        return False
    return bool(armour_length(lines, below) or footer_length(lines, below) or original_block_length(lines, below))


def _free_until(marks: list[_Mark | None], at: int) -> int:
    """The next quoted line; a signature with more blank lines than this reaches is none."""
    furthest = min(at + 60, len(marks))
    if marks[at:furthest].count(None) == furthest - at:
        return furthest
    return next((index for index in range(at, furthest) if marks[index] is not None), furthest)


def _whole_original(lines: list[str], marks: list[_Mark | None], at: int, header_length: int) -> int:
    """Unmarked text below Outlook's header block is the quoted mail, up to the end or a list's footer."""
    end = at + header_length
    while end < len(lines) and not lines[end].strip():
        end += 1
    if end < len(lines) and marks[end] is not None:
        return header_length
    while end < len(lines) and not footer_length(lines, end):
        end += 1
    return end - at


def _fill(marks: list[_Mark | None], start: int, end: int, mark: _Mark) -> None:
    for index in range(start, end):
        if marks[index] is None or mark is _SIGNATURE:
            marks[index] = mark


def _with_blanks_joined(lines: list[str], marks: list[_Mark | None]) -> list[_Mark]:
    """Blank lines belong to what stands before them; those at the top to what follows."""
    joined: list[_Mark] = []
    last: _Mark | None = None
    for line, mark in zip(lines, marks, strict=True):
        last = mark or (_OWN if line.strip() else last)
        joined.append(last or _OWN)
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    joined[:first] = [joined[first]] * first
    return joined


def _runs(lines: list[str], marks: list[_Mark]) -> Iterator[Segment]:
    start = 0
    for index in range(1, len(lines) + 1):
        if index < len(lines) and marks[index] == marks[start]:
            continue
        piece = "\n".join(lines[start:index])
        if index < len(lines):
            piece += "\n"
        if piece:
            kind, depth = marks[start]
            yield Segment(kind, piece, depth)
        start = index
