from __future__ import annotations

import re
from random import Random

import pytest

from moothall_screening.training.generators import (
    ANNOUNCED,
    SLOTS,
    announcement,
    bot_spam,
    expand,
    genuine_neighbour,
    unrelated_phrase,
)


def test_every_template_is_filled_completely() -> None:
    rng = Random(1)
    for _ in range(600):
        made = announcement(rng)
        texts = (bot_spam(rng).text, genuine_neighbour(rng).text, unrelated_phrase(rng), made.text, made.purpose)
        for text in texts:
            assert not re.search(r"[{}|]{2}|<[a-z]+>(?!.*</)", text.replace("<a ", "")), text
            assert text.strip()


def test_the_same_seed_writes_the_same_spam() -> None:
    assert [bot_spam(Random(5)) for _ in range(3)] == [bot_spam(Random(5)) for _ in range(3)]


def test_spam_is_varied() -> None:
    rng = Random(2)
    written = [bot_spam(rng).text for _ in range(500)]
    assert len(set(written)) > 490


def test_neighbours_are_never_promotions() -> None:
    rng = Random(3)
    assert "promotion" not in {genuine_neighbour(rng).kind for _ in range(200)}


def test_an_announcement_stays_with_one_topic() -> None:
    rng = Random(4)
    kinds = set()
    for _ in range(300):
        made = announcement(rng)
        kinds.add(made.kind)
        named = [topic for topic in SLOTS["topic"] if topic in made.purpose.lower()]
        assert any(topic in made.text.lower() for topic in named), made
    assert kinds == set(ANNOUNCED)


@pytest.mark.parametrize(("template", "allowed"), [("{a|b} c", {"a c", "b c"}), ("{a {b|c}|d}", {"a b", "a c", "d"})])
def test_choices_nest(template: str, allowed: set[str]) -> None:
    assert {expand(template, Random(seed)) for seed in range(40)} == allowed
