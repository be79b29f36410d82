from __future__ import annotations

import cProfile
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("onnxruntime")

from moothall_screening.draft import logistic
from moothall_screening.labelled import Row
from moothall_screening.quoting import own_words
from moothall_screening.sentence import Engine, SentenceJudge, SentenceModelMissing, whole_words
from moothall_screening.training.sentence_measure import judged_alone
from moothall_screening.verdict import Candidate, Kind

GENUINE = (
    "Has anyone else's clematis been eaten from below this year? I've tried copper tape and torchlight. "
    "The leaves go first, then the stems, and by morning there is nothing but string."
)
PITCH = "We deliver slug fences across Kent from £49, call us on 01632 960 123 for a free quote today."
PURPOSE = "Gardeners of one valley, on what grows and what eats it. No selling."
SINGLE = Candidate(GENUINE, subject="Slugs", group_purpose=PURPOSE)


# One for all tests: hypothesis wants no fixture that outlives an example.
SHARED = SentenceJudge()


@pytest.fixture
def judge() -> SentenceJudge:
    return SHARED


@pytest.mark.parametrize("said", ["Beans", "Kettle", "What is limewash?"])
def test_a_subject_without_a_text_is_read_as_the_same_words_in_a_text(judge: SentenceJudge, said: str) -> None:
    alone, inside = judge.read([Candidate("", subject=said)]), judge.read([Candidate(said)])
    assert alone.promotion == inside.promotion
    assert (alone.embedding == inside.embedding).all()


def test_an_advert_reads_more_as_promotion_than_a_question(judge: SentenceJudge) -> None:
    reading = judge.read([SINGLE, Candidate(PITCH, group_purpose=PURPOSE)])
    assert reading.promotion[0] < 0 < reading.promotion[1]
    assert list(Kind)[reading.kinds[1].argmax()] is Kind.PROMOTION


def test_kinds_are_log_probabilities(judge: SentenceJudge) -> None:
    reading = judge.read([SINGLE])
    assert reading.kinds.shape == (1, 7)
    assert np.exp(reading.kinds).sum() == pytest.approx(1, abs=1e-3)


def test_a_pitch_far_down_a_long_post_is_found(judge: SentenceJudge) -> None:
    text = f"{GENUINE}\n\n" * 9 + PITCH + f"\n\n{GENUINE}" * 2
    plain = f"{GENUINE}\n\n" * 12
    reading = judge.read([Candidate(text), Candidate(plain)])
    assert reading.promotion[0] > reading.promotion[1]
    marked = "".join(text[start:end] for start, end, _ in reading.pitch[0])
    assert "free quote" in marked or "call us" in marked


def test_marks_begin_and_end_with_words(judge: SentenceJudge) -> None:
    text = "Toast lol. cherrytone poplar from our mill, steamed throughout, 4/4 is on for $5.10 and a skid of it"
    spans = judge.read([Candidate(text, group_purpose="Woodworkers of one valley.")]).pitch[0]
    assert spans
    for start, end, _ in spans:
        assert not text[max(0, start - 1) : start + 1].isalnum() or start == 0
        assert not text[end - 1 : end + 1].isalnum() or end == len(text)


def test_what_was_read_of_a_purpose_is_kept(judge: SentenceJudge) -> None:
    before = judge.engine().context.cache_info()
    judge.read([Candidate(each, group_purpose="Those who read this, and nobody else.") for each in (GENUINE, PITCH)])
    after = judge.engine().context.cache_info()
    # Neither answers a post; that there is none is kept as well.
    assert after.misses - before.misses <= 2
    assert after.hits - before.hits >= 2


def test_pitch_in_the_subject_has_negative_offsets(judge: SentenceJudge) -> None:
    candidate = Candidate(GENUINE, subject=PITCH)
    spans = judge.read([candidate]).pitch[0]
    assert any(start < 0 for start, _, _ in spans)
    assert all(-len(PITCH) - 1 <= start < end <= -1 for start, end, _ in spans if start < 0)


def test_fit_is_nan_only_without_a_purpose(judge: SentenceJudge) -> None:
    fit = judge.read([Candidate(GENUINE), SINGLE, Candidate(GENUINE, group_purpose=" \n")]).fit
    assert np.isnan(fit).tolist() == [True, False, True]


def test_a_text_fits_its_own_group_better_than_another(judge: SentenceJudge) -> None:
    elsewhere = Candidate(GENUINE, subject="Slugs", group_purpose="Help with SQL and relational databases.")
    fit = judge.read([SINGLE, elsewhere]).fit
    assert fit[0] > fit[1]


def test_the_embedding_is_of_the_text_alone(judge: SentenceJudge) -> None:
    alone = Candidate(GENUINE, subject="Slugs")
    answered = Candidate(GENUINE, subject="Slugs", group_purpose=PURPOSE, parent=PITCH)
    embedding = judge.read([alone, answered]).embedding
    assert embedding.shape == (2, 384)
    assert float(embedding[0] @ embedding[1]) == pytest.approx(1, abs=0.02)


def test_a_text_reads_the_same_alone_and_in_company(judge: SentenceJudge) -> None:
    company = [Candidate(GENUINE * n, group_purpose=PURPOSE) for n in range(1, 6)]
    alone = judge.read([SINGLE]).promotion[0]
    assert judge.read([*company, SINGLE]).promotion[-1] == pytest.approx(alone, abs=0.5)


def test_what_a_text_says_again_and_again_is_read_once(judge: SentenceJudge) -> None:
    """Of three windows two are alike; in the third its beginning and its end meet."""
    endless = Candidate("a " * 30_000)
    profile = cProfile.Profile()
    reading = profile.runcall(judge.read, [endless, endless])
    times = [entry.callcount for entry in profile.getstats() if entry.code is Engine.outputs.__code__]
    assert len(judge.engine().windows(0, judge.engine().pieces(endless.text), endless)) == 3
    assert times == [2]
    assert reading.promotion[0] == reading.promotion[1]


def test_nothing_is_read_from_nothing(judge: SentenceJudge) -> None:
    reading = judge.read([])
    assert reading.promotion.shape == (0,)
    assert reading.embedding.shape == (0, 384)


@settings(max_examples=25)
@given(st.text(max_size=400), st.text(max_size=60), st.text(max_size=100))
def test_any_string_is_read_and_spans_lie_in_it(text: str, subject: str, purpose: str) -> None:
    reading = SHARED.read([Candidate(text, subject=subject, parent=purpose, group_purpose=purpose)])
    assert np.isfinite(reading.promotion).all()
    for start, end, probability in reading.pitch[0]:
        assert -len(subject) - 1 <= start < end <= len(text)
        assert (start < 0) == (end < 0)
        assert 0 <= probability <= 1


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "\u202e" * 300, "a" * 65_536, "買" * 40_000])
def test_hostile_strings_are_read(judge: SentenceJudge, text: str) -> None:
    assert np.isfinite(judge.read([Candidate(text)]).promotion).all()


def test_a_judge_can_be_pickled(judge: SentenceJudge) -> None:
    copy = pickle.loads(pickle.dumps(judge))
    assert copy.version == judge.version
    assert copy.read([SINGLE]).promotion[0] == pytest.approx(judge.read([SINGLE]).promotion[0])


def test_an_empty_folder_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(SentenceModelMissing, match="moothall-screen train"):
        SentenceJudge(tmp_path)


def test_the_model_is_measured_by_itself(judge: SentenceJudge) -> None:
    texts = ((GENUINE, False), ("Our firm cleans gutters, call us for a price and say that Ann sent you.", True))
    rows = [
        Row(Candidate(text, group_purpose=PURPOSE), is_promotion, None, "own", str(place))
        for place, (text, is_promotion) in enumerate(texts)
    ]
    found = judged_alone(judge, rows)
    alone = [float(judge.read([row.candidate]).promotion[0]) for row in rows]
    assert found.chances.tolist() == pytest.approx([logistic(each) for each in alone])
    assert found.kinds[1] is Kind.PROMOTION
    assert found.chances[1] > found.chances[0]


def test_quotations_and_the_signature_are_left_out_of_ones_own_words() -> None:
    text = "On Tuesday Ann wrote:\n> buy now\nPlease don't.\n-- \nBob, bob@mail.example"
    assert own_words(text).strip() == "Please don't."
    assert own_words("> all of it\n> is quoted") == "> all of it\n> is quoted"


@pytest.mark.parametrize(
    "below",
    [
        "-.-.-.-.-.-.-.-.-.-.-.-.-.-.-.-.\nbees mailing list -- Read http://bees.example/FAQ\nSend "
        '"info" or "[un]subscribe" to bees-request@bees.example\n_._._._._._._._._._._._._._._._._._.',
        "_______________________________________________\nbees mailing list\nhttps://bees.example/mailman/listinfo/bees\n",
        "_________________________________________________\nTalk for free! http://messenger.example\n\n"
        "\t[[alternative HTML version deleted]]\n",
        "-------------- next part --------------\nA non-text attachment was scrubbed...\nName: signature.asc",
        "~~~~~~~~~~~~~~~~~~~~~~~~\nRuth Bell, Ph.D.\ntel 020 7946 0000",
        "*" * 40 + "\nThis e-mail is confidential. " + "If it was not meant for you, tell us. " * 18,
        "-- \nBob\n____________________\nbees mailing list\nhttp://bees.example/mailman/listinfo/bees",
    ],
)
def test_what_list_managers_and_mail_programs_set_below_is_nobodys_word(below: str) -> None:
    said = "The queen was seen on Tuesday and the brood looks well; shall I still feed them at this time of the year?\n"
    assert own_words(f"{said}{below}").strip() == said.strip()


@pytest.mark.parametrize(
    "text",
    [
        "Cheap builders\n===================\nWe do roofs, walls and drains in all of London, call 020 7946 0000 now.",
        "Results\n\n----------------------\n" + "a 12 14\n" * 60,
        "We talked of swarms, queens and the weather until the lamps went out.\n\n-----------\nAll want another.",
        f"Rules of\n{'-' * 20}\nthe mailing list\n" + "Say who you are, and cut what you quote. " * 40,
        "____________________\nTalk for free! http://messenger.example",
    ],
)
def test_what_stands_below_a_heading_or_in_a_table_is_read(text: str) -> None:
    assert own_words(text) == text


def test_a_stretch_takes_in_the_rest_of_its_words() -> None:
    text = "say cherrytone now"
    assert whole_words(text, 7, 12) == (4, 14)
    assert whole_words(text, 4, 14) == (4, 14)
    assert whole_words("再来一次吧", 2, 3) == (2, 3)
    assert whole_words("a" * 99, 50, 51) == (30, 71)


def test_judges_of_one_model_share_what_is_loaded(judge: SentenceJudge) -> None:
    assert SentenceJudge().engine() is judge.engine()
    assert SentenceJudge(threads=2).engine() is not judge.engine()
