"""The corpus is what its page says, and nothing that is measured on is learnt from."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[2] / "corpus"
README = (CORPUS / "README.md").read_text(encoding="utf-8")
KINDS = ("discussion", "question", "request", "expertise", "event", "job", "promotion")
MEASURED_ALONE = ("evasions", "test", "complaints")


def rows(name: str) -> list[dict[str, Any]]:
    with (CORPUS / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def groups(posts: list[dict[str, Any]]) -> set[str]:
    return {post["group"] for post in posts}


def stated(name: str) -> list[int]:
    """The figures of one line of the table of kinds."""
    (line,) = re.findall(rf"^\| {name} \|(.*)\|$", README, re.MULTILINE)
    return [int(figure.replace(",", "")) for figure in re.findall(r"[\d,]+", line)]


@pytest.mark.parametrize("name", ["train", "dev"])
def test_the_page_counts_kinds_as_they_are(name: str) -> None:
    posts = rows(name)
    kinds = Counter(post["kind"] for post in posts)
    masked, off_topic = (sum(map(bool, each)) for each in zip(*map(masked_and_off, posts), strict=True))
    assert stated(name) == [*(kinds[kind] for kind in KINDS), masked, off_topic]


def masked_and_off(post: dict[str, Any]) -> tuple[bool, bool]:
    return bool(post["masked"]), not post["on_topic"]


def test_the_page_counts_posts_and_groups_as_they_are() -> None:
    train, dev = rows("train"), rows("dev")
    apart = [(rows(name), f"`{name}.jsonl` ({{posts}} posts, {{groups}} groups;") for name in MEASURED_ALONE]
    for posts, told in (
        (train + dev, "{posts} posts in {groups} groups of shared interest"),
        (train, "`train.jsonl` ({posts} posts, {groups} groups)"),
        *apart,
    ):
        assert told.format(posts=f"{len(posts):,}", groups=len(groups(posts))) in README


def test_nothing_measured_is_learnt() -> None:
    learnt = rows("train")
    texts = {post["text"] for post in learnt if len(post["text"]) > 30}
    for name in ("dev", *MEASURED_ALONE):
        assert not groups(learnt) & groups(rows(name))
        assert not texts & {post["text"] for post in rows(name)}


def test_every_mark_stands_in_its_text() -> None:
    assert [post["id"] for post, part in marks() if not part or part not in post["text"]] == []


def marks() -> Iterator[tuple[dict[str, Any], str]]:
    return ((post, part) for name in ("train", "dev") for post in rows(name) for part in post["pitch"] or ())


def test_readings_of_real_posts_hold_none_of_their_words() -> None:
    readings = rows("readings")
    assert f"`readings.jsonl` ({len(readings):,} posts" in README
    for reading in readings:
        assert reading.keys() == {"id", "kind", "sure", "pitch"}
        assert reading["kind"] in KINDS
        assert all(0 <= start < end for start, end in reading["pitch"])
        assert reading["kind"] == "promotion" or not reading["pitch"]
