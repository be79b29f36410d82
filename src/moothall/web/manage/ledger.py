"""A stored verdict as a table that a manager can follow: each piece of evidence, and where the sum stands after it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import log

from moothall.discussions.models import Post
from moothall.groups.models import Policy
from moothall.judging.models import Screening
from moothall.judging.record import words_read
from moothall.moderation.flag_weight import Said, evidence, with_flags
from moothall.moderation.policy import hold_from

WIDTH = 240.0
MARGIN = 8.0
LEAST_SHOWN = 0.05
QUOTE_LENGTH = 120
SOURCES = {
    "prior": "To begin with",
    "wording": "Wording",
    "form": "Form",
    "fit": "Fit with the group’s interest",
    "repetition": "Repetition",
    "links": "Links",
    "standing": "Author’s standing",
    "flags": "Members’ flags",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One row's picture, in units of a box 240 wide and 40 high. `came_from` and `goes_to` are the links' places."""

    x: float
    width: float
    is_up: bool
    came_from: float
    goes_to: float


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    reason: str
    quote: str
    weight: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class Ledger:
    rows: tuple[Row, ...]
    total: Bar
    total_weight: str
    of_100: int
    zero_x: float
    hold_x: float
    hold_weight: str


@dataclass(frozen=True, slots=True)
class _Piece:
    source: str
    reason: str
    quote: str
    log_odds: float


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    def x(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(MARGIN + share * (WIDTH - 2 * MARGIN), 1)

    def bar(self, start: float, end: float) -> Bar:
        left, right = sorted((self.x(start), self.x(end)))
        return Bar(left, round(max(right - left, 0.5), 1), end >= start, self.x(start), self.x(end))


def signed(value: float) -> str:
    """With a sign that is read and aligns: +1.2, −0.3."""
    return f"{'−' if value < 0 else '+'}{abs(value):.1f}"


def ledger(screening: Screening, post: Post, policy: Policy, flags: Collection[Said] = ()) -> Ledger:
    """Small pieces of one source are put together; nothing is left out of the sum. Members' flags come last."""
    pieces = _pieces(screening, post)
    added = evidence(flags)
    if added is not None:
        pieces.append(_Piece(added.source, added.reason, "", added.log_odds))
    sums = [0.0]
    for piece in pieces:
        sums.append(sums[-1] + piece.log_odds)
    share = hold_from(policy)
    hold = log(share / (1 - share))
    scale = _Scale(min([*sums, hold]), max([*sums, hold]))
    rows = [
        Row(SOURCES.get(p.source, p.source.capitalize()), p.reason, p.quote, signed(p.log_odds), scale.bar(start, end))
        for p, start, end in zip(pieces, sums, sums[1:], strict=False)
    ]
    return Ledger(
        rows=tuple(rows),
        total=scale.bar(0.0, sums[-1]),
        total_weight=signed(sums[-1]),
        of_100=min(99, max(1, round(100 * with_flags(screening.promotion, flags)))),
        zero_x=scale.x(0.0),
        hold_x=scale.x(hold),
        hold_weight=signed(hold),
    )


def _pieces(screening: Screening, post: Post) -> list[_Piece]:
    told: list[_Piece] = []
    small = 0.0
    for stored in screening.evidence:
        weight = float(stored["log_odds"])
        if abs(weight) < LEAST_SHOWN and stored["source"] != "prior":
            small += weight
            continue
        words = _words(stored["spans"], screening, post)
        told.append(_Piece(stored["source"], stored["reason"], quote(stored["reason"], words), weight))
    if abs(small) >= LEAST_SHOWN / 10:
        told.append(_Piece("the rest", "what weighs little", "", small))
    return told


def _words(spans: list[list[int]], screening: Screening, post: Post) -> str:
    """The words that it speaks of. A span before the text's beginning lies in the title."""
    if not spans or screening.post_version != post.version:
        return ""
    start, end = spans[0]
    if end - start < 2:
        return ""
    title = post.topic.title if post.is_first else ""
    return title[start + len(title) + 1 : end + len(title) + 1] if start < 0 else words_read(post)[start:end]


def quote(reason: str, words: str) -> str:
    """The words of which a reason speaks, on one line; "" where it quotes them itself."""
    if "'" in reason:
        return ""
    words = " ".join(words.split())
    return words if len(words) <= QUOTE_LENGTH else words[: QUOTE_LENGTH - 1] + "…"
