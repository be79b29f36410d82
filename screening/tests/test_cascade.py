"""The fast judge decides what is clear; the sentence model reads the rest."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from moothall_screening import Candidate, Evidence, Example, GroupModel, Kind, Screener, stack, weights
from moothall_screening.calibration import recalibrated
from moothall_screening.closer import FOLDER, SOURCE
from moothall_screening.stack import CloseReading, Stack
from moothall_screening.stretches import sentences

MASKED = (
    "We had the same damp in our north wall for years. In the end we rang Hollis & Daughter in Leith, who came the "
    "next day, and it has been dry since. Say that Ann sent you and they will do the survey for nothing."
)
TALK = "The lime went off too quickly in the sun, so we hung wet sacks over it and the second coat held."
MINUTES = (
    "The minutes of the last meeting say that we vote on the new gate in March, so I would wait until then. "
    "Did anybody write down who was against it?"
)
PURPOSE = "People who mend old houses with their own hands"


@pytest.fixture(scope="module")
def fast() -> Screener:
    return Screener(closely=False)


def test_the_packaged_screener_reads_closely(screener: Screener, fast: Screener) -> None:
    assert screener.reads_closely
    assert not fast.reads_closely
    assert screener.version.startswith(f"{fast.version}+sentence-")
    assert len(screener.version) <= 40


def test_a_pitch_in_a_members_voice_is_found_by_the_close_reading(screener: Screener, fast: Screener) -> None:
    masked, talk = (Candidate(text, group_purpose=PURPOSE) for text in (MASKED, TALK))
    assert screener.screen(masked).log_odds > fast.screen(masked).log_odds + 0.5
    assert screener.screen(talk).promotion < 0.2


def test_nothing_is_an_offer_by_the_fast_judge_alone(screener: Screener, fast: Screener) -> None:
    merry = Candidate(" ".join(f"{word} 🎉" for word in TALK.split()), group_purpose=PURPOSE)
    assert fast.screen(merry).promotion > 0.99
    assert screener.screen(merry).promotion < 0.2


@pytest.mark.parametrize(("slope", "intercept"), [(1.5, -0.4), (0.9, -2.5), (1.2, 4.7)])
def test_a_recalibrated_stack_bounds_the_fast_judge_alike(slope: float, intercept: float) -> None:
    def bounded(judged: Stack, fast: float) -> float:
        share = judged.fast_share(fast)
        assert share > 0.0  # so what speaks for an offer never speaks against one
        return share * fast + judged.usual_beside(share)

    shipped = stack.load(weights.PACKAGED)
    moved = shipped.recalibrated(slope, intercept)
    for fast in (-9.0, -4.5, -1.0, 0.5, 9.0):
        anew = bounded(moved, slope * fast + intercept)
        assert anew == pytest.approx(slope * bounded(shipped, fast) + intercept * shipped.promotion[0])
        assert abs(bounded(shipped, fast)) <= 3.0 * shipped.promotion[0] + 1e-9
        assert moved.is_doubtful(slope * fast + intercept) is shipped.is_doubtful(fast)


def test_what_would_be_an_event_or_a_job_were_it_no_offer_is_an_offer_later() -> None:
    shipped = stack.load(weights.PACKAGED)

    def added(**likely: float) -> float:
        shares = np.array([likely.get(kind, 0.02) for kind in Kind])
        return shipped.added(CloseReading(2.0, np.log(shares / shares.sum()), 0.0, (), np.zeros(1), np.zeros(1)))

    talk, event, job = (added(promotion=0.5, **{kind: 0.4}) for kind in ("discussion", "event", "job"))
    assert event == pytest.approx(job)
    assert 0.7 < talk - event <= -shipped.announced


def test_a_close_reading_is_evidence_with_places(screener: Screener) -> None:
    verdict = screener.screen(Candidate(MASKED, group_purpose=PURPOSE))
    found = [each for each in verdict.evidence if each.source == SOURCE]
    assert found
    assert all("'" in each.reason and each.log_odds > 0.0 for each in found)  # it quotes what speaks for an offer
    marked = " ".join(MASKED[start:end] for each in found for start, end in each.spans)
    assert "Ann sent you" in marked
    assert sum(each.log_odds for each in verdict.evidence) == pytest.approx(verdict.log_odds)


def test_most_of_an_offer_lies_on_the_sentence_without_which_it_reads_least_like_one(screener: Screener) -> None:
    def read_closely(text: str) -> tuple[Evidence, ...]:
        verdict = screener.screen(Candidate(text, group_purpose=PURPOSE))
        return tuple(each for each in verdict.evidence if each.source == SOURCE)

    found = read_closely(MASKED)
    told = {span: sum(e.log_odds for e in found if span[0] <= e.spans[0][0] < span[1]) for span in sentences(MASKED)}
    without = {
        (start, end): sum(each.log_odds for each in read_closely(MASKED[:start] + MASKED[end:])) for start, end in told
    }
    assert sum(told.values()) > max(without.values())
    assert max(told, key=lambda span: told[span]) == min(without, key=lambda span: without[span])


def test_no_blanks_are_shown_as_an_offer(screener: Screener) -> None:
    text = "So.\nDM me for prices, places go fast."
    found = [each for each in screener.screen(Candidate(text)).evidence if each.spans]
    assert any("DM me for prices" in each.reason for each in found)
    assert all(text[start:end].strip() for each in found for start, end in each.spans)
    assert not [each.reason for each in found if each.reason.endswith("''")]


def test_what_is_clearly_genuine_is_not_read_closely(screener: Screener, fast: Screener) -> None:
    assert fast.screen(Candidate(MINUTES)).promotion < 0.01
    assert not [each for each in screener.screen(Candidate(MINUTES)).evidence if each.source == SOURCE]


def test_an_archive_may_be_left_to_the_fast_judge(screener: Screener, fast: Screener) -> None:
    quickly = screener.screen_many([Candidate(MASKED)], closely=False)[0]
    alone = fast.screen(Candidate(MASKED))
    assert quickly.model_version == alone.model_version == fast.version
    assert quickly.log_odds == pytest.approx(alone.log_odds)


def test_company_changes_nothing(screener: Screener) -> None:
    alone = screener.screen(Candidate(MASKED))
    among = screener.screen_many([Candidate(TALK), Candidate(MASKED), Candidate(TALK * 9)])[1]
    assert among.log_odds == pytest.approx(alone.log_odds, abs=1e-6)


def test_a_copy_reads_as_closely_as_the_original(screener: Screener, fast: Screener) -> None:
    for original in (screener, fast):
        copy = pickle.loads(pickle.dumps(original))
        assert copy.version == original.version
        assert copy.screen(Candidate(MASKED)).log_odds == pytest.approx(original.screen(Candidate(MASKED)).log_odds)


def test_fit_tells_a_post_at_home_from_one_abroad(screener: Screener) -> None:
    home, abroad = (
        screener.screen(Candidate(TALK, group_purpose=purpose)).fit
        for purpose in (PURPOSE, "Trading in electronic money and what its course will do")
    )
    assert home > 0.8
    assert abroad < home - 0.3


def test_an_example_is_known_by_what_it_says(screener: Screener) -> None:
    model = GroupModel()
    example = Example(MASKED, is_promotion=True, id="p1")
    screener.learn(model, example)
    assert model.trace_of(example) == screener.traces([example])[0]
    assert model.trace_of(Example(MASKED, is_promotion=False, id="p1")) is None


@pytest.mark.parametrize(("slope", "intercept"), [(1.5, -0.4), (0.9, -2.5), (1.2, 4.7)])
def test_a_recalibrated_stack_moves_every_sum_alike(
    screener: Screener, tmp_path: Path, slope: float, intercept: float
) -> None:
    judge, facts = weights.load()
    weights.save(tmp_path, judge, recalibrated(facts, slope, intercept))
    stack.save(tmp_path, stack.load(weights.PACKAGED).recalibrated(slope, intercept))
    (tmp_path / FOLDER).symlink_to(weights.PACKAGED / FOLDER)
    posts = [Candidate(text, group_purpose=purpose) for text in (MASKED, TALK, MINUTES) for purpose in (PURPOSE, None)]
    for before, after in zip(screener.screen_many(posts), Screener(tmp_path).screen_many(posts), strict=True):
        assert after.log_odds == pytest.approx(slope * before.log_odds + intercept, abs=1e-3)
        told = zip(before.evidence[1:], after.evidence[1:], strict=True)  # after the prior
        assert all(now.log_odds * once.log_odds >= 0.0 for once, now in told if once.source == "wording" and once.spans)


@pytest.mark.parametrize("interest", ["Off-topic chat for our members", "Sobre todos los temas", "Our little group"])
def test_nearly_every_post_belongs_where_the_interest_is_wide(screener: Screener, interest: str) -> None:
    """None of these stands in the list that taught the judge what a wide interest is."""
    verdict = screener.screen(Candidate(TALK, group_purpose=interest))
    assert verdict.fit > 0.25
    assert [each.reason for each in verdict.evidence if each.source == "fit"] == [
        "the group's stated interest is so wide that nearly every post belongs"
    ]


@pytest.mark.parametrize("interest", ["Old boats", "Beekeeping", "Keramik", "Learning to play jazz piano"])
def test_a_short_interest_is_not_a_wide_one(screener: Screener, interest: str) -> None:
    elsewhere = screener.screen(Candidate(TALK, group_purpose=interest))
    assert "so wide" not in " ".join(each.reason for each in elsewhere.evidence)
    assert elsewhere.fit < screener.screen(Candidate(TALK, group_purpose="Lime plaster and old walls")).fit
