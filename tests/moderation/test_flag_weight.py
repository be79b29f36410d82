"""What flags weigh, tried everywhere."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moothall.groups.models import Policy
from moothall.moderation.flag_weight import AGREE_ALONE, Record, Said, evidence, holds, stops_mail, weight, with_flags
from moothall.rules.models import Concern

counts = st.integers(min_value=0, max_value=1000)
records = st.builds(Record, st.booleans(), counts, counts)
flags = st.builds(lambda concern, record: Said(concern, weight(record)), st.sampled_from(Concern), records)
shares = st.floats(min_value=0, max_value=1)


@given(records)
def test_a_flag_that_was_right_once_more_never_weighs_less(record: Record) -> None:
    assert 0 <= weight(record) <= weight(Record(record.has_standing, record.right + 1, record.wrong))


@given(shares, st.lists(flags, max_size=8), flags, st.sampled_from(Policy))
def test_one_more_flag_never_lets_a_post_stand(promotion: float, said: list[Said], more: Said, preset: Policy) -> None:
    assert holds(promotion, said, preset) <= holds(promotion, [*said, more], preset)


@given(shares, shares, st.lists(flags, max_size=8), st.sampled_from(Policy))
@example(0.0, 5e-324, [Said(Concern.OFFERS, 1.4)] * 2, Policy.RELAXED)
def test_a_worse_reading_is_never_held_less(one: float, other: float, said: list[Said], preset: Policy) -> None:
    low, high = sorted((one, other))
    assert holds(low, said, preset) <= holds(high, said, preset)


@given(shares, flags, st.sampled_from(Policy))
def test_one_alone_never_holds(promotion: float, alone: Said, preset: Policy) -> None:
    assert not holds(promotion, [alone], preset)


@given(st.lists(st.builds(Said, st.sampled_from(Concern), st.just(0.0)), max_size=50), shares)
def test_flags_without_weight_do_nothing_however_many(said: list[Said], promotion: float) -> None:
    assert not stops_mail(said)
    assert not holds(promotion, said, Policy.STRICT)
    assert evidence(said) is None


def test_a_newcomers_first_flag_weighs_nothing_and_a_member_with_standing_four_to_one() -> None:
    assert weight(Record(has_standing=False)) == 0
    assert exp(weight(Record(has_standing=True))) == pytest.approx(4)


def test_who_was_wrong_often_has_no_weight_left_and_who_was_right_gains_it() -> None:
    assert weight(Record(has_standing=True, wrong=4)) == 0
    assert exp(weight(Record(has_standing=False, right=2))) == pytest.approx(3)


def test_two_hold_what_reads_as_an_offer_with_them_and_three_hold_anything() -> None:
    two = [Said(Concern.OFFERS, weight(Record(has_standing=True)))] * 2
    assert holds(0.25, two, Policy.BALANCED)
    assert not holds(0.05, two, Policy.BALANCED)
    unkind = [Said(Concern.CONDUCT, weight(Record(has_standing=True)))] * AGREE_ALONE
    assert holds(0.0, unkind, Policy.RELAXED)
    assert not holds(0.9, unkind[1:], Policy.RELAXED)


def test_flags_add_to_the_reading_as_evidence_does() -> None:
    said = [Said(Concern.OFFERS, weight(Record(has_standing=True)))]
    assert with_flags(0.5, said) == pytest.approx(0.8)
    assert with_flags(1.0, said) == 1.0
