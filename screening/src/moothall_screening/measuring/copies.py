"""Whether near-duplicate keys find the same offer again after it was reworded, and keep different posts apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from random import Random

import numpy as np

from moothall_screening.draft import whole
from moothall_screening.features import Flags, Floats
from moothall_screening.labelled import Row
from moothall_screening.measures import interval
from moothall_screening.measuring.rewording import REWORDINGS, Rewording
from moothall_screening.screener import Screener
from moothall_screening.stretches import sentences
from moothall_screening.verdict import Candidate

Keys = tuple[int, ...]

_SEED = 2026
_SHORTEST_SENTENCE = 20


def report(screener: Screener, rows: Sequence[Row]) -> Iterator[str]:
    """Lines of a table: different posts that share a key, then each rewording of the promotions."""
    originals = keys_of(screener, [whole(row.candidate) for row in rows])
    index = _index(originals)
    yield from _different(rows, originals, index)
    offers = [place for place, row in enumerate(rows) if row.is_promotion and originals[place]]
    if not offers:
        return
    clusters = np.unique([rows[place].group for place in offers], return_inverse=True)[1].astype(np.int64)
    for name, reword in REWORDINGS.items():
        copies = keys_of(screener, _reworded(rows, offers, reword))
        found = np.array([bool(set(originals[at]) & set(copy)) for at, copy in zip(offers, copies, strict=True)])
        met = [_met(rows, at, copy, index) for at, copy in zip(offers, copies, strict=True)]
        right = int(found.sum())
        wrong = sum(wrong for wrong in met)
        recall = interval(_share, found, found.astype(np.float64), clusters)
        precision = f"{right / (right + wrong):.3f}" if right + wrong else "-"
        yield f"  {name:32} {len(offers):5} copies  found {recall}  precision {precision}"


def keys_of(screener: Screener, texts: Sequence[str]) -> list[Keys]:
    verdicts = screener.screen_many([Candidate(text) for text in texts], told_from=1.0, closely=False)
    return [verdict.duplicate_keys for verdict in verdicts]


def _share(labels: Flags, found: Floats) -> float:
    return float(found.mean())


def _index(originals: Sequence[Keys]) -> Mapping[int, list[int]]:
    index: dict[int, list[int]] = defaultdict(list)
    for place, keys in enumerate(originals):
        for key in keys:
            index[key].append(place)
    return index


def _different(rows: Sequence[Row], originals: Sequence[Keys], index: Mapping[int, list[int]]) -> Iterator[str]:
    pairs = {pair for places in index.values() for pair in combinations(places, 2)}
    wrong = sum(not _one_post(rows[left], rows[right]) for left, right in pairs)
    long_enough = sum(bool(keys) for keys in originals)
    compared = long_enough * (long_enough - 1) // 2
    yield (
        f"{long_enough} posts of {len(rows)} are long enough for keys; of {compared} pairs of them "
        f"{len(pairs)} share one, {len(pairs) - wrong} of these as versions of one post, {wrong} as different posts"
    )


def _one_post(left: Row, right: Row) -> bool:
    """Versions of one post, as its writers marked them, or the same words posted twice."""
    return (left.pair is not None and left.pair == right.pair) or left.candidate.text == right.candidate.text


def _met(rows: Sequence[Row], own: int, copy: Keys, index: Mapping[int, list[int]]) -> int:
    """How many other posts a copy shares a key with."""
    met = {place for key in copy for place in index.get(key, ()) if place != own}
    return sum(not _one_post(rows[own], rows[place]) for place in met)


def _reworded(rows: Sequence[Row], offers: Sequence[int], reword: Rewording) -> list[str]:
    random = Random(_SEED)  # noqa: S311 - nothing secret is drawn
    pool = [
        text[start:end].strip()
        for text in (row.candidate.text for row in rows if not row.is_promotion)
        for start, end in sentences(text)
        if len(text[start:end].strip()) >= _SHORTEST_SENTENCE
    ] or ["Thanks for reading this, and all the best."]
    return [reword(whole(rows[place].candidate), random, pool) for place in offers]
