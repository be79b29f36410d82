"""Plain text of imported mail → HTML: paragraphs, links, quotes folded away, signatures apart."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from moothall.core.links import LINK_REL, pieces
from moothall.core.quoting import Segment, SegmentKind

# Quotes within quotes are drawn this deep; what is deeper stands there too.
DEPTH_MOST = 6
# A quote this short is what the next lines answer, so it is shown; a longer one waits until it is opened.
SHOWN_LINES = 3
# Lines broken by a mail program, at 65 to 78 characters, may flow; shorter ones were broken by their writer.
WRAPPED_AT = 55

_BLANK_LINES = re.compile(r"\n\s*\n")


def render_plain(segments: Iterable[Segment]) -> str:
    """HTML of segments whose text went through `core.text.clean`."""
    return "\n".join(_blocks(segments))


def _blocks(segments: Iterable[Segment]) -> Iterator[str]:
    for kind, group in groupby(segments, key=lambda segment: segment.kind):
        run = list(group)
        if kind is SegmentKind.QUOTE:
            yield _folded(run)
        elif kind is SegmentKind.SIGNATURE:
            yield f'<div class="signature">{"".join(map(_as_broken, (segment.text for segment in run)))}</div>'
        else:
            yield from (block for segment in run for block in _paragraphs(segment.text))


def _folded(run: list[Segment]) -> str:
    lines = sum(segment.text.strip("\n").count("\n") + 1 for segment in run)
    shown = " open" if lines <= SHOWN_LINES else ""
    return f'<details class="quoted"{shown}><summary>Quoted text</summary>\n{_quotes(run)}\n</details>'


def _quotes(run: list[Segment]) -> str:
    """Nested <blockquote>s, opened and closed as the depth goes up and down."""
    parts, open_now = [], 0
    for segment in run:
        depth = min(max(segment.depth, 1), DEPTH_MOST)
        parts.append("<blockquote>" * (depth - open_now) + "</blockquote>" * (open_now - depth))
        parts.extend(_paragraphs(segment.text))
        open_now = depth
    return "".join(parts) + "</blockquote>" * open_now


def _paragraphs(text: str) -> Iterator[str]:
    for part in _BLANK_LINES.split(text):
        block = part.strip("\n")
        if block:
            yield _paragraph(block)


def _paragraph(block: str) -> str:
    lines = block.split("\n")
    indented = sum(line.startswith(("  ", "\t")) for line in lines)
    if 2 * indented > len(lines):
        return f"<pre>{_linked(block)}</pre>"
    if len(lines) > 1 and not indented and all(len(line) >= WRAPPED_AT for line in lines[:-1]):
        return f"<p>{_linked(' '.join(lines))}</p>"
    return _as_broken(block)


def _as_broken(text: str) -> str:
    broken = _linked(text.strip("\n")).replace("\n", "<br>")
    return f"<p>{broken}</p>"


def _linked(text: str) -> str:
    if "://" not in text and "www." not in text.lower():
        return html.escape(text, quote=False)
    return "".join(map(_piece, pieces(text)))


def _piece(piece: tuple[str, str]) -> str:
    words, href = html.escape(piece[0], quote=False), piece[1]
    return f'<a href="{html.escape(href)}" rel="{LINK_REL}">{words}</a>' if href else words
