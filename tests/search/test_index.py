from __future__ import annotations

import pytest

from moothall.discussions.models import Post, Topic
from moothall.search.index import MOST_CHARACTERS, index_posts
from moothall.search.models import SearchEntry
from tests.world import World, new_reply

pytestmark = pytest.mark.django_db


def words(post: Post) -> str:
    vector: str = SearchEntry.objects.get(post=post).words
    return vector


def test_title_counts_most_then_own_words_then_quoted_ones(world: World) -> None:
    Topic.objects.filter(id=world.topic.id).update(title="Limewash")
    world.first.text = "> somebody wrote about gypsum\n\nMy plaster is older."
    index_posts([world.first])
    assert "'limewash':1A" in words(world.first)
    assert "'plaster':3B" in words(world.first)
    assert "'gypsum':9 " in words(world.first) + " "


def test_comment_does_not_carry_the_title(world: World) -> None:
    index_posts([world.reply])
    assert ":1A" not in words(world.reply)


def test_indexing_again_replaces_the_words(world: World) -> None:
    index_posts([world.reply])
    world.reply.text = "Oak"
    index_posts([world.reply])
    assert words(world.reply) == "'oak':1B"


def test_group_has_its_own_dictionary_and_an_unknown_one_does_not_stop_posting(world: World) -> None:
    world.reply.text = "Häuser houses"
    for config, expected in (("german", "'haus':1B"), ("no_such", "'houses':2B")):
        type(world.group).objects.filter(id=world.group.id).update(search_config=config)
        index_posts([world.reply])
        assert expected in words(world.reply)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00a\x00",
        "\u202e\u0000\ufeff",
        "a" * 70_000,
        " ".join(f"w{n}" for n in range(40_000)),
        " ".join(f"{n:x}-{n:x}/{n:x}.example.org/a?b={n}" for n in range(5_000)),
        "é " * MOST_CHARACTERS,
        "\U0001f3da" * 3000,
    ],
    ids=["empty", "nul", "bidi", "one word", "many words", "many addresses", "longer than any post", "emoji"],
)
def test_any_text_can_be_indexed(world: World, text: str) -> None:
    world.reply.text = text
    index_posts([world.reply])
    assert SearchEntry.objects.filter(post=world.reply).exists()


def test_many_posts_take_one_statement(world: World, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    many = [new_reply(world.topic, world.mia, f"Reply {n}") for n in range(20)]
    for some in (many[:1], many):
        with django_assert_num_queries(1):
            index_posts(some)
