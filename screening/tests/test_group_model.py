from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from zlib import compress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall_screening import Candidate, Example, GroupModel, Screener, Strength
from moothall_screening.group_model import DamagedGroupModelError, ForeignGroupModelError, Trace
from moothall_screening.likeness import DIMENSIONS

RAFFLE = "Tickets for the spring raffle are at the bar, two pounds each, and the proceeds go to the hall roof."
WALK = "We walked the ridge on Sunday; the stile by the ford is down again and the bull is out."
GARDEN = "I planted tomatoes"
CARPETS = "Carpet cleaning this week in our area, three rooms for the price of two, message me for a slot."

examples = st.builds(
    Example,
    text=st.sampled_from([RAFFLE, WALK, CARPETS]) | st.text(max_size=80),
    is_promotion=st.booleans(),
    id=st.sampled_from(["1", "2", "3"]),
    strength=st.sampled_from(list(Strength)),
    author=st.sampled_from(["ada", "ben"]),
)


def taught(screener: Screener, *lessons: Example) -> GroupModel:
    model = GroupModel()
    for lesson in lessons:
        screener.learn(model, lesson)
    return model


def holding(traces: Sequence[Trace]) -> GroupModel:
    model = GroupModel()
    for trace in traces:
        model.learn(trace)
    return model


def test_one_decision_acts_at_once_on_the_same_and_on_similar_text(screener: Screener) -> None:
    reworded = "Carpet cleaning this week in your area, four rooms for the price of three, message me for a time."
    before = screener.screen_many([Candidate(CARPETS), Candidate(reworded), Candidate(WALK)])
    model = taught(screener, Example(CARPETS, is_promotion=False, id="p1"))
    after = screener.screen_many([Candidate(CARPETS), Candidate(reworded), Candidate(WALK)], model)
    moved = [late.log_odds - early.log_odds for early, late in zip(before, after, strict=True)]
    assert moved[0] < moved[1] < -0.5
    assert abs(moved[2]) < 1.0
    assert any("accepted (p1)" in each.reason for each in after[0].evidence)


def test_a_reason_speaks_for_what_the_group_taught_on_the_whole(screener: Screener) -> None:
    advert = "Cheap roofs in Leeds, new or repaired within a week. Call us on 0113 496 0000 today for a free quote!"
    praise = (
        "Our neighbour mends roofs in Leeds, and cheaply. Call him on 0113 496 0001 for a quote, "
        "he did ours within a week."
    )
    model = taught(screener, Example(advert, is_promotion=True, id="a"), Example(praise, is_promotion=False, id="b"))
    told = [screener.screen(Candidate(text), model).evidence[-1] for text in (advert, praise, GARDEN)]
    assert all(each.log_odds < -0.1 for each in told)  # the judge was sure of the advert, so that it taught little
    assert [each.reason for each in told] == [
        "on the whole more like what this group let stand than what it turned away",
        "close to a post that this group accepted (b)",
        "close to no single decision of this group, and more like what it let stand",
    ]


@settings(max_examples=25)
@given(st.lists(examples, max_size=6), examples)
def test_forgetting_undoes_learning_exactly(screener: Screener, lessons: list[Example], extra: Example) -> None:
    model = taught(screener, *lessons)
    before = model.to_bytes()
    screener.learn(model, extra)
    screener.forget(model, extra)
    assert model.to_bytes() == before


@settings(max_examples=25)
@given(st.lists(examples, max_size=6), st.lists(examples, max_size=6), st.randoms())
def test_order_and_merging_change_nothing(
    screener: Screener, left: list[Example], right: list[Example], shuffler: random.Random
) -> None:
    traces = screener.traces(left + right)
    merged = holding(traces[: len(left)])
    merged.merge(holding(traces[len(left) :]))
    shuffler.shuffle(traces)
    assert merged.to_bytes() == holding(traces).to_bytes()


def test_a_stored_model_judges_alike(screener: Screener) -> None:
    model = taught(screener, Example(CARPETS, True, id="a"), Example(WALK, False, id="b"))
    stored = GroupModel.from_bytes(model.to_bytes())
    assert screener.screen(Candidate(RAFFLE), stored) == screener.screen(Candidate(RAFFLE), model)
    assert len(model.to_bytes()) < 2 * 3_000


def test_what_is_forgotten_while_others_read_is_forgotten() -> None:
    random_vectors = np.random.default_rng(1).normal(size=(60, DIMENSIONS))
    traces = [
        Trace.of(Example(f"{WALK} {n}", n % 2 == 0), log_odds=0.0, vector=vector)
        for n, vector in enumerate(random_vectors)
    ]
    kept, extra = traces[:30], traces[30:]
    model = holding(kept)
    with ThreadPoolExecutor(3) as readers:
        stored = [readers.submit(model.to_bytes) for _ in range(20)]
        while not all(each.done() for each in stored):
            for trace in extra:
                model.learn(trace)
            for trace in extra:
                model.forget(trace)
    assert all(GroupModel.from_bytes(each.result()) for each in stored)
    assert model.to_bytes() == holding(kept).to_bytes()
    assert model.correct(random_vectors[-1]) == holding(kept).correct(random_vectors[-1])


def test_a_foreign_stored_model_says_what_to_do() -> None:
    with pytest.raises(ForeignGroupModelError, match="teach the group's decisions anew"):
        GroupModel.from_bytes(b'{"format": 99}')


def test_a_damaged_stored_model_says_what_to_do(screener: Screener) -> None:
    stored = taught(screener, Example(RAFFLE, is_promotion=True), Example(WALK, is_promotion=False)).to_bytes()
    row = json.loads(stored)["traces"][0]
    whole = json.loads(stored)
    bomb = b64encode(compress(bytes(10_000_000))).decode()
    damaged = [
        *(stored[:length] for length in range(0, len(stored), 97)),
        *(b"[]", b"null", b"\xff", b"[" * 100_000, b'{"format":1}'),
        *(
            json.dumps(whole | {"weights": weights}).encode()
            for weights in ([], [1.0], ["a", "b"], [float("nan"), 1.0])
        ),
        *(
            json.dumps(whole | {"traces": [[*row[:-1], last], whole["traces"][1]]}).encode()
            for last in ("!!", "", bomb)
        ),
        json.dumps(whole | {"traces": [row[:-1]]}).encode(),
    ]
    for each in damaged:
        with pytest.raises(DamagedGroupModelError, match="anew"):
            GroupModel.from_bytes(each)


def test_posts_left_standing_by_one_author_cannot_carry_an_advert(screener: Screener) -> None:
    plain = screener.screen(Candidate(CARPETS)).log_odds
    posts = [
        Example(f"{CARPETS} {n}", False, id=str(n), strength=Strength.LEFT_STANDING, author="x") for n in range(60)
    ]
    poisoned = screener.screen(Candidate(CARPETS), taught(screener, *posts)).log_odds
    assert plain - 2.0 < poisoned < plain


def test_no_teaching_moves_a_text_beyond_the_limit(screener: Screener) -> None:
    model = taught(screener, *(Example(f"{WALK} {n}", True, id=str(n)) for n in range(30)))
    moved = screener.screen(Candidate(WALK), model).log_odds - screener.screen(Candidate(WALK)).log_odds
    assert 0.0 < moved <= 8.0


def test_only_outright_adverts_decided_by_managers_are_shared(screener: Screener) -> None:
    model = taught(
        screener,
        Example(WALK, True, id="1", is_outright=True, author="x"),
        Example(RAFFLE, True, id="2"),
        Example(CARPETS, False, id="3", is_outright=True),
        Example(RAFFLE, True, id="4", is_outright=True, strength=Strength.LEFT_STANDING),
    )
    shared = model.shareable()
    assert len(shared) == 1
    assert b'"1"' not in shared.to_bytes()
    assert screener.screen(Candidate(WALK), shared).log_odds > screener.screen(Candidate(WALK)).log_odds + 1.0


def test_accepted_posts_teach_what_the_group_is_for(screener: Screener) -> None:
    model = taught(screener, *(Example(f"{WALK} {n} miles of heather", False, id=str(n)) for n in range(5)))
    near, far = screener.screen_many([Candidate(WALK), Candidate("SELECT a FROM b WHERE c IS NULL crashes")], model)
    assert near.fit > far.fit
