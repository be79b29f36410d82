from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from moothall_screening.training.open_sets import OpenSetsMissing, read_open_sets
from moothall_screening.training.readings import READINGS, Readings, read_readings
from moothall_screening.verdict import Kind

PAIRS = [
    {
        "post_id": "p1",
        "subject": "Beans",
        "text": "They came up late.",
        "group_purpose": "Gardens",
        "label": "on_topic",
    },
    {
        "post_id": "p1",
        "subject": "Beans",
        "text": "They came up late.",
        "group_purpose": "Trains",
        "label": "off_topic",
    },
]
COMMUNITIES = [
    {"id": "p1", "subject": "Beans", "text": "They came up late.", "group_purpose": "Gardens"},
    {"id": "p2", "subject": "A heron!", "text": "A heron!", "group_purpose": "Birds"},
]
MAILS = [
    {"id": "m1", "subject": "[list] patch", "text": "Applied, thanks.", "label": "ham", "group": "ilug.linux.ie"},
    {"id": "m2", "subject": None, "text": "Buy now", "label": "spam", "group": "ilug.linux.ie"},
    {"id": "m3", "subject": "Digest", "text": "x" * 7000, "label": "ham", "group": None},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sets = {"reddit_relevance_pairs": PAIRS, "reddit_communities": COMMUNITIES, "spamassassin_lists": MAILS}
    for name, rows in sets.items():
        (tmp_path / name).mkdir()
        with gzip.open(tmp_path / name / "train.jsonl.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows)
    return tmp_path


def test_pairs_of_one_post_become_one_post_with_several_purposes(folder: Path) -> None:
    first = read_open_sets(folder).communities[0]
    assert first.purposes == (("Gardens", True), ("Trains", False))


def test_a_post_in_both_sets_is_taken_once(folder: Path) -> None:
    assert [post.text for post in read_open_sets(folder).communities] == ["They came up late.", "A heron!"]


def test_a_subject_that_repeats_the_text_is_dropped(folder: Path) -> None:
    assert read_open_sets(folder).communities[1].subject == ""


def test_mails_are_parted_and_very_long_ones_left_out(folder: Path) -> None:
    sets = read_open_sets(folder)
    assert [mail.text for mail in sets.list_ham] == ["Applied, thanks."]
    assert [mail.is_promotion for mail in sets.list_spam] == [True]


def test_what_a_list_is_for_is_known(folder: Path) -> None:
    sets = read_open_sets(folder)
    ((purpose, fits),) = sets.list_ham[0].purposes
    assert ("Linux" in purpose, fits) == (True, True)
    assert [fits for _, fits in sets.list_spam[0].purposes] == [False]


def test_what_a_reader_was_sure_of_is_known(folder: Path) -> None:
    notes = [
        {"id": "p2", "kind": "event", "sure": True, "pitch": []},
        {"id": "m1", "kind": "expertise", "sure": False, "pitch": []},
    ]
    sets = read_open_sets(folder, written(folder, notes))
    assert [(post.text, post.kind, post.is_mail) for post in sets.known] == [("A heron!", Kind.EVENT, False)]
    assert [post.text for post in sets.communities] == ["They came up late.", "A heron!"]
    assert [mail.kind for mail in sets.list_ham] == [None]


def test_an_offer_among_real_posts_is_no_contribution_and_a_disputed_one_is_left_out(folder: Path) -> None:
    notes = [
        {"id": "p1", "kind": "promotion", "sure": True, "pitch": [[5, 17]]},
        {"id": "m1", "kind": "promotion", "sure": False, "pitch": []},
    ]
    sets = read_open_sets(folder, written(folder, notes))
    assert [(post.is_promotion, post.pitch) for post in sets.known] == [(True, ((5, 17),))]
    assert [post.text for post in sets.communities] == ["A heron!"]
    assert sets.list_ham == ()


def written(folder: Path, notes: list[dict[str, object]]) -> Readings:
    (folder / READINGS).write_text("".join(json.dumps(note) + "\n" for note in notes), encoding="utf-8")
    return read_readings(folder)


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(OpenSetsMissing, match="reddit_relevance_pairs"):
        read_open_sets(tmp_path)
