from __future__ import annotations

import pytest
from django.db import connection

from moothall.discussions.models import Kind, Lane, Post, Status, Topic
from moothall.groups.models import Group, Membership, MembershipState, Visibility
from moothall.members.models import Profile
from moothall.search.index import index_posts
from moothall.search.similar import MOST_POSTS_PER_WORD, similar_topics
from tests.world import World, join, new_group, new_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    Post.objects.update(text="Hello.")
    for post in Post.objects.all():
        index_posts([post])
    return world


def begin(group: Group, author: Profile, title: str, text: str = "Hello.", **fields: object) -> Topic:
    post = new_topic(group, author, title, kind=Kind.DISCUSSION, **fields)  # type: ignore[arg-type]
    post.text = text
    post.save(update_fields=["text"])
    index_posts([post])
    return post.topic


def test_nearest_conversation_comes_first_and_chance_does_not_count(world: World) -> None:
    about = begin(world.group, world.mia, "Limewash over gypsum skim")
    near = begin(world.group, world.mo, "Gypsum skim and limewash: what holds?")
    half = begin(world.group, world.mo, "Plaster", "A gypsum skim on lath.")
    begin(world.group, world.mo, "Sooty chimneys", "There is gypsum somewhere.")
    assert similar_topics(about, world.mia) == [near, half]


def test_no_more_than_asked_for(world: World) -> None:
    topics = [begin(world.group, world.mo, f"Limewash over gypsum {n}") for n in range(5)]
    assert len(similar_topics(topics[0], world.mia, limit=3)) == 3


def begin_many(world: World, count: int) -> None:
    """Conversations that have two words in common; PostgreSQL then counts words anew, as it does by itself."""
    topics = Topic.objects.bulk_create(
        Topic(group=world.group, author=world.mo, title=f"Old house number{n}", status=Status.PUBLISHED)
        for n in range(count)
    )
    posts = Post.objects.bulk_create(
        Post(group=world.group, topic=topic, author=world.mo, is_first=True, status=Status.PUBLISHED, text="Hello.")
        for topic in topics
    )
    index_posts(posts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_searchentry")


def test_only_what_the_reader_may_read_and_what_is_published(world: World) -> None:
    about = begin(world.group, world.mia, "Limewash over gypsum skim")
    begin(world.group, world.nils, "Limewash over gypsum skim", status=Status.HELD)
    begin(world.group, world.mo, "Limewash over gypsum skim", lane=Lane.PROMOTIONS)
    hidden = new_group("hidden")
    join(hidden, world.mo)
    theirs = begin(hidden, world.mo, "Limewash over gypsum skim")
    assert similar_topics(about, world.mia) == []
    assert similar_topics(about, world.mo) == [theirs]


def test_public_groups_are_near_only_to_those_who_are_in_them(world: World) -> None:
    about = begin(world.group, world.mia, "Limewash over gypsum skim")
    near = begin(world.group, world.mo, "Limewash and gypsum")
    public = new_group("public", Visibility.PUBLIC)
    join(public, world.mo)
    theirs = begin(public, world.mo, "Limewash over gypsum skim")
    Group.objects.filter(id=world.group.id).update(visibility=Visibility.PUBLIC)
    assert similar_topics(about, world.mo) == [theirs, near]
    for reader in (world.mia, world.sam, None):
        assert similar_topics(about, reader) == [near]
    join(public, world.mia)
    Membership.objects.filter(group=public, profile=world.mia).update(state=MembershipState.LEFT)
    assert similar_topics(about, world.mia) == [near]


def test_words_that_everybody_uses_do_not_tell(world: World) -> None:
    begin_many(world, 30)
    about = begin(world.group, world.mia, "Old house with thatch")
    assert len(similar_topics(about, world.mia)) == 3
    begin_many(world, MOST_POSTS_PER_WORD)
    assert similar_topics(about, world.mia) == []


def test_quotes_and_backslashes_in_words_are_only_words(world: World) -> None:
    about = begin(world.group, world.mia, "C:\\temp\\o'brien http://a.example/it's?x=\\' limewash")
    assert similar_topics(about, world.mia) == []


def test_similar_takes_four_queries(world: World, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for n in range(6):
        about = begin(world.group, world.mo, f"Limewash over gypsum {n}")
    with django_assert_num_queries(4):
        [t.group.name for t in similar_topics(about, world.mia)]
