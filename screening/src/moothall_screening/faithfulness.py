"""Whether the sentences that a verdict marks are the ones that made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from moothall_screening import closer
from moothall_screening.labelled import Row
from moothall_screening.screener import Screener
from moothall_screening.stretches import sentences
from moothall_screening.verdict import Candidate, Evidence, Verdict

Span = tuple[int, int]

_SOURCES = {"wording", "form", closer.SOURCE}
_MARKED_FROM = 0.2
_LIKE_LENGTH = 0.5  # other sentences may be shorter or longer by this share


def pitch_agreement(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> float:
    """F1, over characters of promotions, of what the verdicts mark against what the writers marked as the pitch."""
    both = said_alone = meant_alone = 0
    for row, verdict in zip(rows, verdicts, strict=True):
        if row.is_promotion and row.pitch:
            meant = _covered(_found(row.candidate.text, row.pitch))
            said = _covered(_marked(verdict))
            both += len(meant & said)
            said_alone += len(said - meant)
            meant_alone += len(meant - said)
    marked = 2 * both + said_alone + meant_alone
    return 2 * both / marked if marked else float("nan")


def deletion_test(screener: Screener, rows: Sequence[Row], verdicts: Sequence[Verdict]) -> tuple[int, int]:
    """How often removing the strongest marked sentence lowers the log-odds most, of how many posts read as offers."""
    lowered = tested = 0
    for row, verdict in zip(rows, verdicts, strict=True):
        strongest = _strongest(row.candidate.text, verdict) if verdict.promotion >= 0.5 else None
        if strongest is None:
            continue
        others = list(_like(row.candidate.text, strongest))
        if others:
            without = screener.screen_many([_without(row.candidate, span) for span in (strongest, *others)])
            tested += 1
            lowered += without[0].log_odds <= min(each.log_odds for each in without[1:])
    return lowered, tested


def _strongest(text: str, verdict: Verdict) -> Span | None:
    """The sentence on which most of the log-odds lie; what is told of a stretch is spread evenly over it."""
    weights = {span: _weight(span, verdict) for span in sentences(text)}
    best = max(weights, key=lambda span: weights[span], default=None)
    return best if best is not None and weights[best] > 0.0 else None


def _weight(sentence: Span, verdict: Verdict) -> float:
    told = [(each.log_odds / len(each.spans), span) for each in _with_places(verdict) for span in each.spans]
    return sum(weight * _overlap(sentence, span) / (span[1] - span[0]) for weight, span in told)


def _overlap(one: Span, other: Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _with_places(verdict: Verdict) -> Iterator[Evidence]:
    return (each for each in verdict.evidence if each.source in _SOURCES and each.spans)


def _like(text: str, marked: Span) -> Iterator[Span]:
    """The other sentences of about the same length."""
    length = marked[1] - marked[0]
    for start, end in sentences(text):
        overlaps = start < marked[1] and marked[0] < end
        if not overlaps and text[start:end].strip() and abs((end - start) - length) <= _LIKE_LENGTH * length:
            yield start, end


def _without(candidate: Candidate, span: Span) -> Candidate:
    return replace(candidate, text=candidate.text[: span[0]] + candidate.text[span[1] :])


def _marked(verdict: Verdict) -> Iterator[Span]:
    for each in _with_places(verdict):
        if each.log_odds >= _MARKED_FROM:
            yield from each.spans


def _found(text: str, stretches: Sequence[str]) -> Iterator[Span]:
    for stretch in stretches:
        start = text.find(stretch)
        if start >= 0:
            yield start, start + len(stretch)


def _covered(spans: Iterator[Span]) -> set[int]:
    return {place for start, end in spans for place in range(max(0, start), max(0, end))}
