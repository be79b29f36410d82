"""What every caller may rely on, whatever the text."""

from __future__ import annotations

import cProfile
import pickle
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moothall_screening import AuthorRecord, Candidate, Example, Kind, Screener

PITCH = (
    "Our firm offers the cheapest loft conversions in London. 20% off this month only. "
    "Call us today on 020 7946 0123 or visit www.lofts.example for a free quote!"
)
QUESTION = "Has anyone here dealt with damp in a north wall? We tried lime plaster last year and it came back by March."
SALES_SENTENCE = " We sell it: call us today on 020 7946 0123 for a free quote, 20% off, order now at www.shop.example!"
TOLERANCE = 0.05

texts = st.text(max_size=300) | st.lists(st.sampled_from([*QUESTION.split(), *PITCH.split(), "\n", ">"])).map(" ".join)


def test_tells_a_pitch_from_a_question(screener: Screener) -> None:
    pitch, question = screener.screen_many([Candidate(PITCH), Candidate(QUESTION)])
    assert pitch.kind is Kind.PROMOTION
    assert pitch.promotion > 0.9
    assert question.promotion < 0.2


def test_nothing_at_all_is_no_offer(screener: Screener) -> None:
    assert max(verdict.promotion for verdict in screener.screen_many([Candidate(""), Candidate(" \n ")])) < 0.2


@settings(max_examples=80)
@given(texts, st.text(max_size=40), st.none() | st.text(max_size=60), st.none() | st.text(max_size=60))
@example("\ud800\x00\u202e", "\x00", "\ud800", "\ufeff")
@example("\u20ac5. \n" + 12 * " " + "\n@handle", "", None, None)
@example("\n> quoted line. " + 12 * "\xa0" + "\n&#111;\n\ufb01", "100,000,000. ", None, None)
def test_evidence_adds_up_and_points_inside_the_text(
    screener: Screener, text: str, subject: str, parent: str | None, purpose: str | None
) -> None:
    verdict = screener.screen(Candidate(text, subject=subject, parent=parent, group_purpose=purpose))
    assert sum(each.log_odds for each in verdict.evidence) == pytest.approx(verdict.log_odds, abs=1e-9)
    assert sum(verdict.kinds.values()) == pytest.approx(1.0)
    assert verdict.promotion == verdict.kinds[Kind.PROMOTION]
    assert 0.0 <= verdict.fit <= 1.0
    first = -len(subject) - 1 if subject else 0
    for start, end in [span for each in verdict.evidence for span in each.spans] + list(verdict.worth_keeping):
        assert first <= start < end <= len(text)


@settings(max_examples=60)
@given(texts, st.sampled_from([" ", "\n", "\t \n", "   "]))
@example(">0001", " ")
@example("It is so.\n--", "\n")
@example("0ae䳧𝓩𝓪𝓬𝓭𝍀Ú𝍀æ𝔂𝈏Aä", " ")
def test_trailing_space_changes_nothing(screener: Screener, text: str, space: str) -> None:
    plain, spaced = screener.screen_many([Candidate(text), Candidate(text + space)])
    assert plain.kind is spaced.kind
    assert spaced.promotion == pytest.approx(plain.promotion, abs=1e-6)


@settings(max_examples=60)
@given(texts)
def test_an_explicit_sales_sentence_never_lowers_promotion(screener: Screener, text: str) -> None:
    before, after = screener.screen_many([Candidate(text), Candidate(text + "\n" + SALES_SENTENCE)])
    assert after.promotion >= before.promotion - TOLERANCE


def test_the_same_text_gets_the_same_verdict_in_any_company(screener: Screener) -> None:
    alone = screener.screen(Candidate(PITCH))
    among = screener.screen_many([Candidate(QUESTION), Candidate(PITCH), Candidate("ok")])[1]
    assert among.log_odds == pytest.approx(alone.log_odds, abs=1e-6)
    assert among.duplicate_keys == alone.duplicate_keys


def test_streaming_keeps_the_order_and_the_ids(screener: Screener) -> None:
    posts = [Candidate(f"Thanks, {number}!", id=str(number)) for number in range(150)]
    assert [verdict.id for verdict in screener.stream(iter(posts))] == [post.id for post in posts]


def test_a_pickled_screener_judges_alike(screener: Screener) -> None:
    copy = pickle.loads(pickle.dumps(screener))
    assert copy.screen(Candidate(PITCH)) == screener.screen(Candidate(PITCH))


def test_threads_share_one_screener(screener: Screener) -> None:
    posts = [Candidate(f"{text} {number}") for number in range(40) for text in (PITCH, QUESTION)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(screener.screen, posts))
    assert found == [screener.screen(post) for post in posts]


@pytest.fixture(scope="module")
def warm(screener: Screener) -> Screener:
    """What is loaded at first use is loaded."""
    screener.screen(Candidate(QUESTION))
    screener.traces([Example(QUESTION, is_promotion=False)])  # which are read closely, however sure the first judge is
    return screener


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        ">",
        ". ",
        "a b ",
        "0",
        "@",
        "www.",
        "http://",
        "d0t ",
        "\n>",
        ".com",
        "0 ",
        "\uffff\U00010348",
        "\n--\n",
        "\n" + "- " * 20,
    ],
)
def test_hostile_texts_take_no_more_work_than_their_length_allows(warm: Screener, unit: str) -> None:
    short, long = (Candidate((unit * 65_536)[:size]) for size in (8_192, 65_536))
    assert _calls(warm, long) < 12 * _calls(warm, short) + 2000  # linear would be 8, squared 64


def test_a_text_of_many_quotations_takes_no_more_memory_than_others(warm: Screener) -> None:
    taken = []
    for unit in ("word one two. ", "a\n>b\n"):
        tracemalloc.start()
        warm.screen(Candidate((unit * 65_536)[:65_536]))
        taken.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert taken[1] < 3 * taken[0]


def test_short_answers_to_many_long_posts_take_no_more_memory_than_to_one(warm: Screener) -> None:
    taken = []
    for count in (2, 20):
        answers = [Candidate("I agree.", parent=f"Post {number}. " * 4_000) for number in range(count)]
        tracemalloc.start()
        warm.screen_many(answers, closely=False)
        taken.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert taken[1] < 2 * taken[0]


def test_the_fast_judge_reads_no_footer(warm: Screener) -> None:
    said = "The queen was seen on Tuesday and the brood looks well; shall I still feed them at this time of the year?"
    footers = "https://bees.example/listinfo/bees", "Buy now at www.chairs.example, 20% off, call us on 020 7946 0000!"
    quiet, loud = warm.promotions([f"{said}\n{'_' * 40}\nbees mailing list\n{footer}\n" for footer in footers])
    assert quiet == pytest.approx(loud, rel=0.02)  # the share of capitals is that of the whole text


def test_evidence_of_form_marks_no_more_than_a_reader_would_look_at(warm: Screener) -> None:
    marked = [len(told.spans) for told in warm.screen(Candidate("See www.chairs.example for £5. " * 200)).evidence]
    assert 1 < max(marked) <= 100


def _calls(screener: Screener, candidate: Candidate) -> int:
    """Calls of functions, Python's and C's, counted rather than timed: the same on a busy machine."""
    profile = cProfile.Profile(subcalls=False)
    profile.runcall(screener.screen, candidate)
    return sum(entry.callcount for entry in profile.getstats())


def test_loads_without_training_libraries() -> None:
    program = (
        "import sys; import moothall_screening as library; library.Screener();"
        "assert not {'sklearn', 'scipy', 'torch'} & set(sys.modules), 'a training library was imported'"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_record_of_good_posts_speaks_for_an_author_and_is_bounded(screener: Screener) -> None:
    unknown = screener.screen(Candidate(PITCH))
    trusted = screener.screen(Candidate(PITCH, author=AuthorRecord(accepted_posts=10_000, thanked=50, member_days=900)))
    turned_away = screener.screen(Candidate(QUESTION, author=AuthorRecord(rejected_posts=10_000)))
    assert unknown.log_odds - 2.0 <= trusted.log_odds < unknown.log_odds
    assert turned_away.log_odds - screener.screen(Candidate(QUESTION)).log_odds == pytest.approx(2.0)


def test_a_quoted_pitch_does_not_convict_the_one_who_complains_of_it(screener: Screener) -> None:
    quoted = "\n".join(f"> {line}" for line in PITCH.split(". "))
    complaint = f"{quoted}\n\nCan we please stop these? This is the third one this week, and nobody here asked for it."
    signed = f"{QUESTION}\n-- \nLofts Ltd, 020 7946 0123, www.lofts.example, 20% off this month"
    assert screener.screen(Candidate(complaint)).promotion < 0.5
    assert screener.screen(Candidate(signed)).promotion < 0.5


def test_blanks_around_a_post_are_nothing_that_it_could_fit_or_answer(screener: Screener) -> None:
    blank = Candidate(QUESTION, parent=" \n", group=" ", group_purpose="\t ", rules=(" ",))
    assert screener.screen(blank) == screener.screen(Candidate(QUESTION))


def test_how_lines_end_decides_nothing(screener: Screener) -> None:
    below = (
        "-- \nLofts Ltd, 020 7946 0123, www.lofts.example, 20% off this month",
        f"{'_' * 40}\nbees mailing list\nhttps://bees.example/listinfo/bees Order chairs now, 20% off: 020 7946 0000",
        "-------------- next part --------------\nA brochure was scrubbed: lofts.pdf, call us today for a free quote!",
        "On Monday Lofts Ltd, 020 7946 0123, wrote:\n> We do lofts.",
    )
    for each in below:
        text = f"{QUESTION}\n{each}\n"
        unix, windows = screener.screen_many([Candidate(text), Candidate(text.replace("\n", "\r\n"))])
        assert windows.promotion == pytest.approx(unix.promotion, abs=0.01)


def test_an_advert_that_is_nothing_but_quotation_is_still_one(screener: Screener) -> None:
    assert screener.screen(Candidate("> " + PITCH)).promotion > 0.8


def test_an_unknown_language_brings_the_verdict_back_towards_the_usual(screener: Screener) -> None:
    basque = (
        "Gure enpresak teilatuak konpontzen ditu merke; deitu gaur bertan eta aurrekontua doan egingo dizugu, mesedez."
    )
    verdict = screener.screen(Candidate(basque))
    assert verdict.language == "eu"
    (language,) = (each for each in verdict.evidence if each.source == "language" and "(eu)" in each.reason)
    assert 0.1 < verdict.promotion < 0.9
    # What is said to count for less does so.
    told = sum(each.log_odds for each in verdict.evidence if each.source in {"wording", "form"})
    assert language.log_odds / told < -0.1


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("C\u0430ll us t\u043ed\u0430y", "Call us today"),
        ("C\u200ball u\u200bs today", "Call us today"),
        ("\uff23\uff41\uff4c\uff4c us today", "Call us today"),
        ("we are at lofts dot com", "we are at lofts.com"),
        ("we are at l0fts [dot] c0m", "we are at lofts.com"),
        ("so c a l l  u s  n o w please", "so callusnow please"),
    ],
)
def test_disguises_change_little(screener: Screener, disguised: str, plain: str) -> None:
    hidden, shown = screener.promotions([f"{PITCH} {disguised}", f"{PITCH} {plain}"])
    assert hidden == pytest.approx(shown, abs=0.03)


def test_what_is_told_in_brief_has_the_same_probabilities_and_sum(screener: Screener) -> None:
    candidates = [Candidate(QUESTION), Candidate(PITCH)]
    whole, brief = screener.screen_many(candidates), screener.screen_many(candidates, told_from=0.5)
    assert [v.promotion for v in brief] == pytest.approx([v.promotion for v in whole], abs=1e-6)
    assert len(brief[0].evidence) < len(whole[0].evidence)
    assert brief[1] == whole[1]
    assert sum(e.log_odds for e in brief[0].evidence) == pytest.approx(brief[0].log_odds)
