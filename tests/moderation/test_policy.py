"""The policy alone: pure, so hypothesis may try it everywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.discussions.models import Inbox, Lane, Source
from moothall.groups.models import Policy
from moothall.moderation.models import Action
from moothall.moderation.policy import DOUBTFUL_FROM, PolicyContext, Reading, hold_from, inbox, mailed_below, rule
from moothall_screening import evaluation

SEVERITY = [Action.ACCEPT, Action.REROUTE, Action.RETURN, Action.HOLD, Action.REJECT]
chance = st.floats(0, 1)


def a_reading(promotion: float, fit: float = 1.0, job: float = 0.0) -> Reading:
    return Reading(promotion=promotion, fit=fit, job=job, reasons=("gives a telephone number",))


contexts = st.builds(
    PolicyContext,
    preset=st.sampled_from(Policy),
    lane=st.sampled_from(Lane),
    source=st.sampled_from(Source),
    is_comment=st.booleans(),
    is_manager=st.booleans(),
    has_standing=st.booleans(),
)


def context(preset: Policy = Policy.BALANCED, lane: Lane = Lane.DISCUSSIONS, **changed: object) -> PolicyContext:
    given_values = {"source": Source.WEB, "is_comment": False, "is_manager": False, "has_standing": False} | changed
    return PolicyContext(preset=preset, lane=lane, **given_values)  # type: ignore[arg-type]


@given(promotion=chance, worse=chance, fit=chance, where=contexts)
def test_a_worse_verdict_never_gets_a_milder_action(
    promotion: float, worse: float, fit: float, where: PolicyContext
) -> None:
    low, high = sorted((promotion, worse))
    mild, harsh = rule(a_reading(low, fit), where), rule(a_reading(high, fit), where)
    assert SEVERITY.index(mild.action) <= SEVERITY.index(harsh.action)
    assert mild.is_doubtful <= harsh.is_doubtful


@given(promotion=chance, fit=chance, where=contexts)
def test_a_stricter_preset_never_gives_a_milder_action(promotion: float, fit: float, where: PolicyContext) -> None:
    actions = []
    for preset in (Policy.RELAXED, Policy.BALANCED, Policy.STRICT):
        asked = PolicyContext(preset, where.lane, where.source, where.is_comment, where.is_manager, where.has_standing)
        actions.append(SEVERITY.index(rule(a_reading(promotion, fit), asked).action))
    assert actions == sorted(actions)


@given(read=st.builds(a_reading, chance, chance), preset=st.sampled_from(Policy))
def test_a_promotion_in_promotions_is_never_screened_away(read: Reading, preset: Policy) -> None:
    assert rule(read, context(preset, Lane.PROMOTIONS)).action == Action.ACCEPT


@given(read=st.builds(a_reading, chance, chance), preset=st.sampled_from(Policy), lane=st.sampled_from(Lane))
def test_people_outrank_the_machine(read: Reading, preset: Policy, lane: Lane) -> None:
    assert rule(read, context(preset, lane, is_manager=True)).action == Action.ACCEPT


@pytest.mark.parametrize(
    ("preset", "held_from"), [(Policy.RELAXED, 0.95), (Policy.BALANCED, 0.82), (Policy.STRICT, 0.6)]
)
def test_presets_hold_where_showing_costs_more_than_delaying(preset: Policy, held_from: float) -> None:
    assert hold_from(preset) == pytest.approx(held_from, abs=0.005)
    assert rule(a_reading(held_from + 0.01), context(preset)).action == Action.HOLD
    assert rule(a_reading(held_from - 0.03), context(preset, has_standing=True)).action == Action.ACCEPT


def test_the_library_measures_ways_by_what_a_new_site_does() -> None:
    new_site = hold_from(Policy.BALANCED), DOUBTFUL_FROM, mailed_below(has_standing=False)
    measured = evaluation.HELD_FROM, evaluation.DOUBTFUL_FROM, evaluation.NOT_MAILED_FROM
    assert measured == pytest.approx(new_site, abs=0.005)


def test_a_held_post_says_why_and_by_which_kind_of_rule() -> None:
    ruling = rule(a_reading(0.99), context())
    assert ruling.reasons == ("gives a telephone number",)
    assert ruling.concern == "offers"


def test_an_imported_advert_goes_to_promotions_and_an_imported_comment_stays() -> None:
    advert = a_reading(0.99)
    assert rule(advert, context(source=Source.IMPORT)).lane == Lane.PROMOTIONS
    comment = rule(advert, context(source=Source.IMPORT, is_comment=True))
    assert (comment.action, comment.lane, comment.is_doubtful) == (Action.ACCEPT, Lane.DISCUSSIONS, True)


OPENNESS = [Inbox.SHUT, Inbox.EARNING, Inbox.OPEN]


def gate(read: Reading, where: PolicyContext) -> Inbox:
    return inbox(read, rule(read, where), where)


@given(promotion=chance, worse=chance, fit=chance, better_fit=chance, where=contexts)
def test_a_worse_verdict_is_never_more_mailable(
    promotion: float, worse: float, fit: float, better_fit: float, where: PolicyContext
) -> None:
    low, high = sorted((promotion, worse))
    unfit, fitter = sorted((fit, better_fit))
    assert OPENNESS.index(gate(a_reading(high, unfit), where)) <= OPENNESS.index(gate(a_reading(low, fitter), where))


@given(read=st.builds(a_reading, chance, chance, chance), where=contexts)
def test_nothing_held_or_doubtful_is_mailable(read: Reading, where: PolicyContext) -> None:
    ruling = rule(read, where)
    if ruling.is_doubtful or ruling.action == Action.HOLD:
        assert gate(read, where) != Inbox.OPEN


@given(read=st.builds(a_reading, chance, chance, chance), where=contexts)
def test_an_imported_archive_mails_nobody(read: Reading, where: PolicyContext) -> None:
    assert gate(read, replace(where, source=Source.IMPORT)) == Inbox.SHUT


@given(read=st.builds(a_reading, chance, chance), where=contexts)
def test_the_inbox_is_never_wider_than_for_standing(read: Reading, where: PolicyContext) -> None:
    new, known = gate(read, replace(where, has_standing=False)), gate(read, replace(where, has_standing=True))
    assert OPENNESS.index(new) <= OPENNESS.index(known)


@pytest.mark.parametrize(("has_standing", "below"), [(True, 0.25), (False, 0.10)])
def test_a_post_is_mailed_where_leaving_it_out_costs_more(has_standing: bool, below: float) -> None:
    where = context(has_standing=has_standing)
    assert gate(a_reading(below - 0.01), where) == Inbox.OPEN
    assert gate(a_reading(below + 0.01), where) == Inbox.EARNING
