"""The packaged judges tell what their documentation says: exchanged for worse ones or spoilt on export, they fail here.

Measured were 0.976 of the pairs in order, and 0.956 as AUC of all their versions; no like model falls below the bounds.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from moothall_screening import Screener
from moothall_screening.labelled import Row, read_rows
from moothall_screening.measures import auc

DEV = Path(__file__).parents[2] / "corpus" / "dev.jsonl"


@pytest.fixture(scope="module")
def read(screener: Screener) -> list[tuple[Row, float]]:
    """The contrast sets of groups that neither judge learnt from, and how much each version reads as an offer."""
    rows = [row for row in read_rows(DEV) if row.pair]
    verdicts = screener.screen_many([row.candidate for row in rows], told_from=1.0)
    return [(row, verdict.log_odds) for row, verdict in zip(rows, verdicts, strict=True)]


def test_an_offer_stands_above_its_genuine_twin(read: list[tuple[Row, float]]) -> None:
    offers, genuine = ([pair for pair in read if pair[0].is_promotion is wanted] for wanted in (True, False))
    twins = [(high, low) for (a, high), (b, low) in product(offers, genuine) if a.pair == b.pair]
    assert len(twins) >= 40
    assert sum(high > low for high, low in twins) / len(twins) > 0.92


def test_offers_stand_above_all_genuine_versions(read: list[tuple[Row, float]]) -> None:
    labels = np.array([row.is_promotion for row, _ in read])
    told = np.array([log_odds for _, log_odds in read])
    assert auc(labels, told) > 0.93
