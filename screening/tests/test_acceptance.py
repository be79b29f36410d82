from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from moothall_screening import Candidate, Example, GroupModel, Screener, stack, weights
from moothall_screening.acceptance import USUAL_FIT, Accepted, Vectors, log_odds_of
from moothall_screening.likeness import DIMENSIONS, EMBEDDING_WIDTH, joined
from moothall_screening.stack import CloseReading
from moothall_screening.training.welcome import Placed, fitted_welcome

THEMES = {"a": [1.0, 0.2], "b": [0.1, 1.0], "c": [-0.7, -0.7]}
PURPOSE = "Hill walkers of the northern fells"
WALKS = [
    f"We walked the {place} on Sunday; the stile {where} is down again and the path is under water."
    for place, where in [
        ("ridge", "by the ford"),
        ("long edge", "at the sheepfold"),
        ("old coach road", "below the quarry"),
        ("north face path", "past the weir"),
    ]
]
WALK = "The bridge below the pass is gone, so for the ridge walk you have to come down to the ford."
DATABASE = "My query with a left join and a null in the key is slow since the index was rebuilt."


def vectors(*meanings: list[float], seed: int = 1) -> Vectors:
    """Of texts that mean this, each in letters of its own."""
    random = np.random.default_rng(seed)
    rows = [
        joined(random.normal(size=DIMENSIONS), np.pad(np.array(meaning), (0, EMBEDDING_WIDTH - len(meaning))))
        for meaning in meanings
    ]
    return np.array(rows, dtype=np.float32)


def taught(screener: Screener, *texts: str) -> GroupModel:
    model = GroupModel()
    for place, text in enumerate(texts):
        screener.learn(model, Example(text, is_promotion=False, id=str(place)))
    return model


def fit(screener: Screener, text: str, model: GroupModel | None = None, purpose: str | None = PURPOSE) -> float:
    return screener.screen(Candidate(text, group_purpose=purpose), model).fit


def test_nearer_to_the_middle_than_the_accepted_to_each_other_is_above_nought() -> None:
    accepted = Accepted.of(vectors([1.0, 0.4], [1.0, -0.4], [1.0, 0.0, 0.4]))
    at_the_middle, opposite = vectors([1.0, 0.0, 0.1], [-1.0], seed=2)
    assert accepted.nearness(at_the_middle).middle > 0.0  # type: ignore[union-attr]
    assert accepted.nearness(opposite).middle < -1.0  # type: ignore[union-attr]


def test_how_alike_the_accepted_are_is_told_by_each_against_the_others() -> None:
    assert Accepted.of(vectors([1.0], [0.0, 1.0])).closeness == pytest.approx(0.0, abs=1e-6)


def test_the_same_letters_are_as_near_as_can_be_and_missing_neighbours_count_as_unlike() -> None:
    rows = vectors([1.0], [1.0])
    assert Accepted.of(rows[[0, 0, 0]]).nearness(rows[0]).nearest == pytest.approx(1.0)  # type: ignore[union-attr]
    assert Accepted.of(rows[:1]).nearness(rows[0]).nearest == pytest.approx(1 / 3)  # type: ignore[union-attr]


def test_a_text_without_meaning_is_not_far_from_what_others_mean() -> None:
    accepted = Accepted.of(vectors([1.0], [1.0, 0.1]))
    unread = vectors([0.0], seed=3)[0]
    assert accepted.nearness(unread).middle == 0.0  # type: ignore[union-attr]


def test_nothing_accepted_says_nothing(screener: Screener) -> None:
    model = GroupModel()
    screener.learn(model, Example("Ask me for a price for your roof.", is_promotion=True, id="1"))
    assert fit(screener, WALK, model) == fit(screener, WALK)
    assert fit(screener, WALK, model, purpose=None) == 1.0


def test_where_no_interest_is_stated_most_posts_belong_until_more_is_known(screener: Screener) -> None:
    assert fit(screener, WALK, taught(screener, DATABASE), purpose=None) > 0.8


@pytest.mark.parametrize("closely", [True, False])
def test_accepted_posts_raise_their_like_and_lower_others(*, closely: bool) -> None:
    screener = Screener(closely=closely)
    model = taught(screener, *WALKS)
    assert fit(screener, WALK, model) > fit(screener, WALK)
    assert fit(screener, DATABASE, model) < fit(screener, WALK, model) - 0.1
    assert fit(screener, WALK, model, purpose=None) > fit(screener, DATABASE, model, purpose=None)


def test_one_accepted_post_says_little(screener: Screener) -> None:
    alone, many = (taught(screener, *WALKS[:count]) for count in (1, len(WALKS)))
    before = fit(screener, DATABASE)
    assert abs(fit(screener, DATABASE, alone) - before) < abs(fit(screener, DATABASE, many) - before)


def test_an_archive_read_without_the_sentence_model_is_not_strange_to_a_group_that_knows_meanings(
    screener: Screener,
) -> None:
    model = taught(screener, *WALKS)
    candidate = Candidate(WALKS[0], group_purpose=PURPOSE)
    assert screener.screen_many([candidate], model, closely=False)[0].fit > 0.8


def test_words_of_the_interest_count_beside_the_sentence_model() -> None:
    """Likeness of words is a few hundredths: a weight that was shrunk says nothing."""
    shipped = stack.load(weights.PACKAGED)
    nothing = np.zeros(EMBEDDING_WIDTH)
    close = CloseReading(0.0, np.zeros(7), 0.0, (), nothing, nothing)
    shared, foreign = (shipped.stated_log_odds(np.array(columns), close) for columns in ((0.04, 0.15), (0.0, 0.02)))
    assert shared - foreign > 1.0


def placed(group: str, name: str, vector: Vectors, *, belongs: bool = True, version_of: str = "") -> Placed:
    return Placed(group, belongs, log_odds_of(USUAL_FIT), vector, version_of or name)


def test_what_accepted_posts_tell_is_learnt_from_groups_of_one_theme_each() -> None:
    posts = {group: vectors(*[theme] * 6, seed=number) for number, (group, theme) in enumerate(THEMES.items())}
    own = [placed(group, f"{group} {n}", vector) for group, rows in posts.items() for n, vector in enumerate(rows)]
    moved = [replace(post, group=other, belongs=False) for post, other in product(own, THEMES) if post.group != other]
    learnt = fitted_welcome([*own, *moved])
    assert learnt.middle > 1.0
    near, far = Accepted.of(posts["a"][:3]).nearness(posts["a"][4]), Accepted.of(posts["a"][:3]).nearness(posts["b"][4])
    assert near
    assert far
    assert learnt.log_odds(0.0, near) > learnt.log_odds(0.0, far) + 1.0


def test_versions_of_one_post_are_not_accepted_beside_it() -> None:
    """Otherwise every post would be learnt to have a near copy at home."""
    posts = {group: vectors(*[[1.0]] * 6, seed=number) for number, group in enumerate(THEMES)}
    own = [
        placed(group, f"{group} {n} {version}", rows[n], version_of=f"{group} {n}")
        for group, rows in posts.items()
        for n in range(len(rows))
        for version in range(2)
    ]
    moved = [replace(post, group=other, belongs=False) for post, other in product(own, THEMES) if post.group != other]
    unknown = [replace(post, version_of=f"{place}") for place, post in enumerate([*own, *moved])]
    assert fitted_welcome([*own, *moved]).nearest < fitted_welcome(unknown).nearest / 2
