from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall_screening.calibration import OneSidedError, fitted
from moothall_screening.measures import (
    auc,
    average_precision,
    by_chance_alone,
    calibration_error,
    interval,
    recall_at_false_alarms,
    reliability,
    worst_calibration,
)
from moothall_screening.stretches import sentences

judged = st.lists(st.tuples(st.booleans(), st.integers(0, 10).map(lambda tenth: tenth / 10)), min_size=2, max_size=40)


@given(judged)
def test_auc_is_the_share_of_pairs_told_rightly(rows: list[tuple[bool, float]]) -> None:
    offers = [chance for label, chance in rows if label]
    genuine = [chance for label, chance in rows if not label]
    found = auc(np.array([label for label, _ in rows]), np.array([chance for _, chance in rows]))
    if not offers or not genuine:
        assert np.isnan(found)
        return
    pairs = [(a > b) + (a == b) / 2 for a in offers for b in genuine]
    assert found == pytest.approx(sum(pairs) / len(pairs))


def test_the_worst_groups_error_is_part_chance() -> None:
    random = np.random.default_rng(7)
    chances = random.random(4_000)
    labels = random.random(4_000) < chances
    few, many = (list(np.arange(4_000).reshape(count, -1)) for count in (100, 4))
    assert by_chance_alone(chances, few) == pytest.approx(worst_calibration(labels, chances, few), abs=0.03)
    assert by_chance_alone(chances, many) < 0.05
    assert by_chance_alone(chances, few) > 0.1
    assert worst_calibration(~labels, chances, few) > 2 * by_chance_alone(chances, few)


def test_the_worst_groups_error_is_that_of_its_own_posts() -> None:
    random = np.random.default_rng(8)
    chances = random.random(500)
    labels = random.random(500) < 0.5
    groups = [random.choice(500, count, replace=False) for count in (1, 3, 20, 80, 200)]
    errors = [calibration_error(labels[each], chances[each]) for each in groups]
    assert worst_calibration(labels, chances, groups) == pytest.approx(float(np.quantile(errors, 0.9)))


def test_measures_of_a_known_ranking() -> None:
    labels = np.array([True, False, True, False])
    chances = np.array([0.9, 0.8, 0.7, 0.1])
    assert average_precision(labels, chances) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert recall_at_false_alarms(labels, chances) == 0.5
    assert calibration_error(labels, chances) == pytest.approx((0.1 + 0.8 + 0.3 + 0.1) / 4)
    assert [each.count for each in reliability(labels, chances)] == [1, 1, 1, 1]


def test_an_interval_holds_its_value_and_narrows_with_more_groups() -> None:
    random = np.random.default_rng(1)
    labels = random.random(4_000) < 0.5
    chances = np.clip(0.35 + 0.3 * labels + 0.3 * random.standard_normal(4_000), 0.0, 1.0)
    few, many = (interval(auc, labels[:n], chances[:n], np.arange(n) // 10) for n in (400, 4_000))
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low


def test_calibration_finds_the_slope_that_was_hidden() -> None:
    random = np.random.default_rng(2)
    true = random.normal(0.0, 2.0, 20_000)
    labels = random.random(20_000) < 1.0 / (1.0 + np.exp(-true))
    slope, intercept = fitted((true - 1.0) / 0.5, labels)
    assert slope == pytest.approx(0.5, abs=0.03)
    assert intercept == pytest.approx(1.0, abs=0.08)
    with pytest.raises(OneSidedError):
        fitted(true, np.ones(20_000, dtype=np.bool_))


@given(st.text(max_size=600) | st.lists(st.sampled_from([". ", "a", "?", "\n", " ", "word"])).map("".join))
def test_sentences_cover_the_text_without_a_gap(text: str) -> None:
    found = sentences(text)
    assert "".join(text[start:end] for start, end in found) == text
    assert all(0 < end - start <= 400 for start, end in found)


def test_a_sentence_does_not_end_inside_a_host_or_a_number() -> None:
    text = "It costs 3.50 at www.shop.example today. Is that dear? I think so"
    assert [text[start:end] for start, end in sentences(text)] == [
        "It costs 3.50 at www.shop.example today.",
        " Is that dear?",
        " I think so",
    ]
