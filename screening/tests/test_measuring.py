"""What `moothall-screen evaluate` and `replay` measure beside ranking, on small sets of our own."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from moothall_screening import Candidate, Kind, Screener
from moothall_screening.cli.main import main
from moothall_screening.evaluation import Judged, report
from moothall_screening.labelled import Row
from moothall_screening.measuring import copies, fit, hostile, own_posts, speed
from moothall_screening.measuring.rewording import REWORDINGS
from moothall_screening.replay import Teaching, frozen, stream, taught

PITCH = (
    "If your gutters have been dripping since the storms, our two-man team is in the village all next week with the "
    "long ladder. Forty pounds a house, leaf guards extra, and we take the rubbish with us. Ring 020 7946 0123."
)
QUESTION = "Has anyone here dealt with damp in a north wall? We tried lime plaster last year and it came back by March."
TOPICS = {
    "bread": "Baking sourdough bread at home: flour, starters, crust, ovens and proving.",
    "trains": "Model railways: locomotives, points, layouts, signals and rolling stock.",
}
POSTS = {
    "bread": "My starter smells of vinegar and the bread proves slowly; would a stronger flour and a hotter oven help?",
    "trains": "The points on my layout stick when the locomotive crosses them, and the signals fail at the junction.",
}


def row(text: str, kind: Kind, *, group: str = "a", pair: str | None = None, id_: str = "") -> Row:
    return Row(
        candidate=Candidate(text, group=group, id=id_ or text),
        is_promotion=kind is Kind.PROMOTION,
        kind=kind,
        source="corpus",
        group=group,
        pair=pair,
    )


DISTINCT = [
    row(text, Kind.QUESTION)
    for text in (
        QUESTION,
        *POSTS.values(),
        "Does anybody know who looks after the noticeboard by the church now that the clerk has left the village?",
        "The reading group meets on Thursday at seven in the back room; we are on chapter nine of the long novel.",
        "Our two dogs found the gap in the fence again, so if you see a brown spaniel on the lane, ring the farm.",
        "I measured the draught under the door with a strip of tissue and then fitted the brush that was in the shed.",
        "Which variety of runner bean stood up best to the wind on the upper allotments during the last wet summer?",
    )
]


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return public_sets(tmp_path, posts=40)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Enough to teach eight posts, which the table has a row for."""
    return public_sets(tmp_path, posts=9)


def public_sets(folder: Path, posts: int) -> Path:
    """Two sets of pairs, with the sets that they were made of; one of the accepted posts is a measured one too."""
    for pairs, made_of in fit.SETS.items():
        measured = [
            {
                "id": f"{home}~{group}",
                "text": POSTS[home],
                "label": "on_topic" if home == group else "off_topic",
                "negative": None if home == group else "random",
                "group": group,
                "true_group": home,
                "group_purpose": TOPICS[group],
            }
            for home in TOPICS
            for group in TOPICS
        ]
        accepted = [
            {"id": f"{group}{n}", "text": f"{POSTS[group]} {n}", "group": group}
            for group in TOPICS
            for n in range(posts)
        ]
        accepted.append({"id": "seen", "text": POSTS["bread"], "group": "bread"})
        write(folder / pairs / "dev.jsonl.gz", measured)
        write(folder / made_of / "train.jsonl.gz", accepted)
    return folder


def write(path: Path, rows: Sequence[Mapping[str, str | None]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(map(json.dumps, rows)))


def test_no_measured_post_is_taught_as_accepted(public: Path) -> None:
    pairs = fit.read_pairs(public, "reddit_relevance_pairs")
    accepted = fit.Accepted.drawn(public, "reddit_relevance_pairs", pairs).by_community
    assert {community: len(examples) for community, examples in accepted.items()} == {"bread": 30, "trains": 30}
    assert "seen" not in {example.id for example in accepted["bread"]}
    assert accepted == fit.Accepted.drawn(public, "reddit_relevance_pairs", pairs).by_community


def test_fit_is_told_by_purpose_and_by_accepted_posts(screener: Screener, small: Path) -> None:
    told = list(fit.report(screener, small))
    assert sum("purpose alone" in line for line in told) == 2
    assert sum("up to 30 accepted posts" in line for line in told) == 2
    assert sum("all " in line and "4 pairs  AUC 1.000" in line for line in told) == 6


def test_the_command_measures_fit_and_own_posts_of_a_folder(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--fit", str(small)]) == 0
    assert "list_relevance_pairs, purpose and up to 8 accepted posts" in capsys.readouterr().out
    for name in own_posts.SETS:
        rows = [{"id": str(n), "text": each.candidate.text, "kind": "question"} for n, each in enumerate(DISTINCT)]
        write(small / name / "train.jsonl.gz", [*rows, {"id": "offer", "text": PITCH, "kind": "promotion"}])
        write(small / name / "dev.jsonl.gz", [{"id": "more", "text": f"{PITCH} {QUESTION}", "kind": "promotion"}])
    assert main(["evaluate", "--own-posts", str(small)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in told] == [[name, "10", "posts", "2"] for name in own_posts.SETS]


def test_accepted_posts_raise_the_fit_of_their_like(screener: Screener, public: Path) -> None:
    pairs = fit.read_pairs(public, "list_relevance_pairs")
    accepted = fit.Accepted.drawn(public, "list_relevance_pairs", pairs)
    fits = fit.fits_by_accepted(screener, pairs, accepted)
    own = np.array([pair.fits for pair in pairs])
    assert (fits[30][own] > fits[0][own]).all()


def test_near_duplicates_stand_in_one_fold(screener: Screener) -> None:
    rows = [row(f"{PITCH} {n}", Kind.PROMOTION) for n in range(9)]
    assert len(set(own_posts.folds(screener, rows).tolist())) == 1
    assert len(set(own_posts.folds(screener, rows + DISTINCT).tolist())) > 1


def test_each_post_is_judged_after_the_others_have_taught(screener: Screener) -> None:
    rows = [row(each.candidate.text, Kind.PROMOTION) for each in DISTINCT]
    before = frozen(screener, rows).chances
    after = [verdict.promotion for verdict in own_posts.taught_by_the_others(screener, rows)]
    assert np.mean(after) > np.mean(before)
    assert {verdict.id for verdict in own_posts.taught_by_the_others(screener, rows)} == {
        each.candidate.id for each in rows
    }


@pytest.mark.parametrize("name", REWORDINGS)
def test_each_rewording_changes_the_text_and_leaves_some_of_it(name: str) -> None:
    reworded = REWORDINGS[name](PITCH, Random(1), [QUESTION])
    assert reworded != PITCH
    assert len(reworded) >= len(PITCH) // 2
    assert reworded == REWORDINGS[name](PITCH, Random(1), [QUESTION])


def test_every_rewording_bears_an_empty_text_and_one_of_a_single_word() -> None:
    for reword in REWORDINGS.values():
        assert isinstance(reword("", Random(1), [QUESTION]), str)
        assert isinstance(reword("Hello", Random(1), [QUESTION]), str)


def test_copies_are_found_and_different_posts_kept_apart(screener: Screener) -> None:
    told = list(copies.report(screener, [row(PITCH, Kind.PROMOTION), row(QUESTION, Kind.QUESTION)]))
    assert told[0].endswith("of 1 pairs of them 0 share one, 0 of these as versions of one post, 0 as different posts")
    assert re.search(r"capitals +1 copies  found 1\.000 .* precision 1\.000", told[1])
    assert len(told) == 1 + len(REWORDINGS)


def test_versions_of_one_post_do_not_count_as_different_ones(screener: Screener) -> None:
    versions = [row(PITCH, Kind.PROMOTION, pair="p"), row(PITCH + " Thanks!", Kind.REQUEST, pair="p")]
    strangers = [row(PITCH, Kind.PROMOTION), row(PITCH + " Thanks!", Kind.REQUEST)]
    assert "1 of these as versions of one post, 0 as different" in next(iter(copies.report(screener, versions)))
    told = list(copies.report(screener, strangers))
    assert "0 of these as versions of one post, 1 as different" in told[0]
    assert "precision 0.500" in told[1]


def test_hostile_texts_are_as_long_as_is_read_and_never_the_same() -> None:
    texts = dict(hostile.texts())
    assert all(hostile.SIZE * 0.99 <= len(text) <= hostile.SIZE for text in texts.values())
    assert len(set(texts.values())) == len(texts)


def test_a_realistic_mix_holds_nine_genuine_posts_for_each_offer() -> None:
    genuine = [row(f"{QUESTION} {n}", Kind.QUESTION) for n in range(19)]
    offers = [row(f"{PITCH} {n}", Kind.PROMOTION) for n in range(5)]
    mixed = speed.realistic_mix(genuine + offers)
    assert len(mixed) == 20
    assert sum("gutters" in candidate.text for candidate in mixed) == 2
    assert mixed == speed.realistic_mix(genuine + offers)


def test_a_stream_may_be_thrown_into_one_group_and_out_of_order() -> None:
    rows = [row(f"{QUESTION} {n}", Kind.QUESTION, group=f"g{n}") for n in range(9)]
    thrown = stream(rows, in_one_group=True, shuffled=True)
    assert {each.candidate.group for each in thrown} == {"one group"}
    assert [each.candidate.id for each in thrown] != [each.candidate.id for each in rows]
    assert sorted(each.group for each in thrown) == sorted(each.group for each in rows)
    assert stream(rows, in_one_group=False, shuffled=False) == rows


def test_a_judge_that_is_taught_the_opposite_ends_worse_than_one_taught_rightly(screener: Screener) -> None:
    rows = [row(f"{QUESTION} {n}", Kind.PROMOTION) for n in range(8)]
    before = frozen(screener, rows)
    rightly = taught(screener, rows, Teaching())
    wrongly = taught(screener, rows, Teaching(wrong=1.0))
    untaught = taught(screener, rows, Teaching(feedback=0.0))
    assert rightly.chances[-1] > 0.5
    assert wrongly.chances[-1] <= before.chances[-1] + 1e-9
    assert untaught.chances == pytest.approx(before.chances)


def test_shares_outside_nought_and_one_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Teaching(wrong=5.0)


def test_ways_are_told_by_what_a_site_would_do() -> None:
    rows = [replace(row(f"{PITCH} {n}", Kind.PROMOTION), way="story") for n in range(4)]
    rows += [replace(row(QUESTION, Kind.QUESTION), way="honest"), row(POSTS["bread"], Kind.QUESTION)]
    chances = np.array([0.82, 0.36, 0.34, 0.09, 0.5, 0.9])
    told = list(report(Judged(tuple(rows), chances, (Kind.QUESTION,) * len(rows))))[-2:]
    assert told == [
        "  honest                      1 posts: held 0, doubtful 1, shown without mail 0, mailed 0",
        "  story                       4 posts: held 1, doubtful 1, shown without mail 1, mailed 1",
    ]
