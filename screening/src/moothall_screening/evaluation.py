"""Measures a screener on labelled rows, and tells them as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moothall_screening.features import Flags, Floats
from moothall_screening.labelled import Row
from moothall_screening.measures import (
    auc,
    average_precision,
    by_chance_alone,
    calibration_error,
    interval,
    recall_at_false_alarms,
    worst_calibration,
)
from moothall_screening.verdict import Kind, Verdict

_FEWEST = 20
# Where Moothall's site, as it is set up at first, holds a post, doubts it, and leaves it out of instant mail.
HELD_FROM, DOUBTFUL_FROM, NOT_MAILED_FROM = 0.82, 0.35, 0.1


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows with what was said of them."""

    rows: tuple[Row, ...]
    chances: Floats
    kinds: tuple[Kind, ...]

    @property
    def labels(self) -> Flags:
        return np.array([row.is_promotion for row in self.rows], dtype=np.bool_)

    def where(self, wanted: Callable[[Row], bool]) -> Judged:
        return self.at([place for place, row in enumerate(self.rows) if wanted(row)])

    def at(self, places: Sequence[int]) -> Judged:
        return Judged(
            tuple(self.rows[place] for place in places),
            self.chances[list(places)],
            tuple(self.kinds[place] for place in places),
        )


def judged(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> Judged:
    chances = np.array([verdict.promotion for verdict in verdicts], dtype=np.float64)
    return Judged(tuple(rows), chances, tuple(verdict.kind for verdict in verdicts))


def report(found: Judged) -> Iterator[str]:
    """Lines of a table: all rows, then masked and overt, languages, kinds, contrast sets and groups."""
    if found.labels.all() or not found.labels.any():
        yield f"all: {len(found.rows)} posts, {found.labels.sum()} promotions: a ranking needs promotions and others"
    yield from _ranking("all", found)
    if any(row.is_masked is not None for row in found.rows):
        yield from _ranking("masked promotions", found.where(lambda row: not row.is_promotion or row.is_masked is True))
        yield from _ranking("overt promotions", found.where(lambda row: row.is_masked is not True))
    if any(row.language not in {"", "en"} for row in found.rows):
        yield from _ranking("other languages", found.where(lambda row: row.language not in {"", "en"}))
        yield from _languages(found)
    yield from _kinds(found)
    yield from _pairs(found)
    yield from _groups(found)
    yield from _ways(found)


def headline(name: str, found: Judged) -> str:
    """AUC, recall and calibration alone, on one line."""
    labels, clusters = found.labels, _clusters(found)
    return (
        f"{name:20} {len(labels):6} posts {labels.sum():6} promotions  "
        f"AUC {interval(auc, labels, found.chances, clusters)}  "
        f"recall at 1% {interval(recall_at_false_alarms, labels, found.chances, clusters)}  "
        f"calibration error {calibration_error(labels, found.chances):.3f}"
    )


def _ranking(name: str, found: Judged) -> Iterator[str]:
    labels = found.labels
    if labels.all() or not labels.any():
        return
    clusters = _clusters(found)
    yield f"{name}: {len(labels)} posts, {labels.sum()} promotions"
    for told, measure in (
        ("AUC", auc),
        ("average precision", average_precision),
        ("recall at 1% wrongly stopped", recall_at_false_alarms),
        ("calibration error", calibration_error),
    ):
        yield f"  {told:30} {interval(measure, labels, found.chances, clusters)}"


def _clusters(found: Judged) -> npt.NDArray[np.int64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(row.group, len(numbers)) for row in found.rows], dtype=np.int64)


def _languages(found: Judged) -> Iterator[str]:
    for language in sorted({row.language for row in found.rows} - {"", "en"}):
        own = found.where(lambda row, language=language: row.language == language)  # type: ignore[misc]
        if own.labels.any() and not own.labels.all():
            told = f"{len(own.rows)} posts, {own.labels.sum()} promotions"
            yield f"  in {language}: {told}, AUC {auc(own.labels, own.chances):.3f}"


def _kinds(found: Judged) -> Iterator[str]:
    known = [(row.kind, kind) for row, kind in zip(found.rows, found.kinds, strict=True) if row.kind is not None]
    if len({kind for kind, _ in known}) < 3:
        return
    right = sum(kind is said for kind, said in known)
    yield f"kinds: {right / len(known):.3f} of {len(known)} posts told rightly"
    for kind in Kind:
        of_kind = [said for true, said in known if true is kind]
        if of_kind:
            held = found.where(lambda row, kind=kind: row.kind is kind).chances  # type: ignore[misc]
            told = sum(said is kind for said in of_kind) / len(of_kind)
            offers = (held >= 0.5).mean()
            yield f"  {kind:12} {len(of_kind):5} posts, told rightly {told:.3f}, read as an offer {offers:.3f}"


def _pairs(found: Judged) -> Iterator[str]:
    """Contrast sets: each promotion against each genuine version of the same post."""
    sets: dict[str, tuple[list[float], list[float]]] = {}
    for row, chance in zip(found.rows, found.chances.tolist(), strict=True):
        if row.pair:
            sets.setdefault(row.pair, ([], []))[row.is_promotion].append(chance)
    compared = [offer > genuine for genuines, offers in sets.values() for genuine in genuines for offer in offers]
    if compared:
        share = np.mean(compared)
        yield f"contrast sets: the offer stands above its genuine twin in {share:.3f} of {len(compared)} pairs"


def _groups(found: Judged) -> Iterator[str]:
    clusters = _clusters(found)
    groups = [places for each in np.unique(clusters) if len(places := np.flatnonzero(clusters == each)) >= _FEWEST]
    if len(groups) >= 10:
        error = worst_calibration(found.labels, found.chances, groups)
        chance = by_chance_alone(found.chances, groups)
        yield f"calibration error of the worst tenth of {len(groups)} groups: {error:.3f}, by chance alone {chance:.3f}"


def _ways(found: Judged) -> Iterator[str]:
    """Of each way in which a pitch was hidden, and of the honest neighbours, how many the site would stop."""
    for way in sorted({row.way for row in found.rows if row.way}):
        own = found.where(lambda row, way=way: row.way == way).chances  # type: ignore[misc]
        held, doubted, not_mailed = ((own >= least).sum() for least in (HELD_FROM, DOUBTFUL_FROM, NOT_MAILED_FROM))
        told = f"held {held}, doubtful {doubted - held}, shown without mail {not_mailed - doubted}"
        yield f"  {way:24} {len(own):4} posts: {told}, mailed {len(own) - not_mailed}"
