from __future__ import annotations

from datetime import date, timedelta
from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moothall.core.clock import now
from moothall.discussions.models import Kind, Lane, Post, Status, Topic
from moothall.groups.models import Group, Visibility
from moothall.members.models import Profile
from moothall.search.find import MOST_MATCHES, PAGE, Query, find
from moothall.search.index import index_posts
from tests.world import World, join, new_group, new_reply, new_topic, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    index_posts([world.first, world.reply, world.held])
    return world


def found(text: str, reader: Profile | None, **filters: object) -> list[Post]:
    return [hit.post for hit in find(Query(text, **filters), reader, "").hits]  # type: ignore[arg-type]


def say(world: World, text: str, author: Profile | None = None) -> Post:
    post = new_reply(world.topic, author or world.mia, text)
    index_posts([post])
    return post


def test_words_are_found_in_title_and_text_in_any_form(world: World) -> None:
    assert found("corners", world.mia) == [world.first]
    assert found("splicing plinths", world.mia) == [world.reply]


def test_title_counts_for_more_than_text(world: World) -> None:
    titled = new_topic(world.group, world.mo, "Limewash")
    index_posts([titled])
    said = say(world, "Is a length of limewash ever the honest answer?")
    assert found("limewash", world.mia) == [titled, said]


def test_private_group_is_not_searched_for_strangers_and_the_banned(world: World) -> None:
    assert found("plinth", world.sam) == []
    assert found("plinth", None) == []
    world.group.memberships.filter(profile=world.mia).update(state="banned")
    assert found("plinth", world.mia) == []


def test_public_group_is_searched_for_everybody(world: World) -> None:
    Group.objects.filter(id=world.group.id).update(visibility=Visibility.PUBLIC)
    assert found("plinth", None) == [world.reply]


def test_the_readers_own_groups_come_before_other_public_ones(world: World) -> None:
    public = new_group("public", Visibility.PUBLIC)
    titled = new_topic(public, world.sam, "Plinth, plinth")
    index_posts([titled])
    assert found("plinth", world.mia) == [world.reply, titled]
    Group.objects.filter(id=world.group.id).update(visibility=Visibility.PUBLIC)
    assert found("plinth", None) == [titled, world.reply]


def test_no_flood_elsewhere_hides_what_the_readers_own_groups_say(world: World) -> None:
    public = new_group("public", Visibility.PUBLIC)
    topic = new_topic(public, world.sam, "Plinth").topic
    flood = Post.objects.bulk_create(
        Post(group=public, topic=topic, author=world.sam, status=Status.PUBLISHED, text="Plinth")
        for _ in range(MOST_MATCHES)
    )
    index_posts(flood)
    assert found("plinth", world.mia)[0] == world.reply


def test_held_post_is_found_by_its_author_and_the_managers_alone(world: World) -> None:
    readers = {"nils": 1, "mo": 1, "olga": 1, "mia": 0, "sam": 0}
    assert {who: len(found("damp", world.persona(who))) for who in readers} == readers


def test_deleted_post_is_not_found(world: World) -> None:
    Post.objects.filter(id=world.reply.id).update(status=Status.DELETED, deleted_at=now())
    assert found("plinth", world.mo) == []


def test_filters_narrow_by_group_kind_author_lane_and_date(world: World) -> None:
    other = new_group("other")
    join(other, world.mia)
    elsewhere = new_topic(other, world.mia, "Plinth again", kind=Kind.PROMOTION, lane=Lane.PROMOTIONS)
    index_posts([elsewhere])
    Post.objects.filter(id=elsewhere.id).update(created_at=now() - timedelta(days=40))
    month_ago = now().date() - timedelta(days=30)

    assert set(found("plinth", world.mia)) == {world.reply, elsewhere}
    assert found("plinth", world.mia, group=other) == [elsewhere]
    assert found("plinth", world.mia, kind=Kind.QUESTION) == [world.reply]
    assert found("plinth", world.mia, authors=(world.mo.id,)) == [world.reply]
    assert found("plinth", world.mia, lane=Lane.PROMOTIONS) == [elsewhere]
    assert found("plinth", world.mia, since=month_ago) == [world.reply]
    assert found("plinth", world.mia, until=month_ago) == [elsewhere]


def test_comment_is_found_in_the_lane_to_which_its_conversation_was_moved(world: World) -> None:
    Topic.objects.filter(id=world.topic.id).update(lane=Lane.PROMOTIONS)
    assert found("plinth", world.mia, lane=Lane.PROMOTIONS) == [world.reply]
    assert found("plinth", world.mia, lane=Lane.DISCUSSIONS) == []


@pytest.mark.parametrize(("lane", "shown"), [(Lane.PROMOTIONS, Kind.PROMOTION), (Lane.JOBS, Kind.JOB)])
def test_question_moved_to_another_lane_is_found_as_what_it_is_shown_as(world: World, lane: Lane, shown: Kind) -> None:
    Topic.objects.filter(id=world.topic.id).update(kind=Kind.QUESTION, lane=lane)
    assert {kind for kind in Kind if found("plinth", world.mia, kind=kind)} == {shown}


def test_until_includes_its_day(world: World) -> None:
    assert found("plinth", world.mia, until=now().date()) == [world.reply]


def test_filters_alone_give_the_newest_and_nothing_at_all_gives_nothing(world: World) -> None:
    assert found("", world.mia, authors=(world.mo.id,)) == [world.reply]
    assert find(Query(), world.mia, "").count == 0


def test_groups_in_other_languages_are_searched_with_their_own_dictionary(world: World) -> None:
    Group.objects.filter(id=world.group.id).update(search_config="german")
    post = say(world, "Die Häuser sind alt.")
    english = new_group("english")
    join(english, world.mia)
    assert found("Haus", world.mia) == [post]


@pytest.mark.parametrize(("said", "asked"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_accents_are_found_whether_they_are_signs_of_their_own_or_not(
    world: World, said: Literal["NFC", "NFD"], asked: Literal["NFC", "NFD"]
) -> None:
    Group.objects.filter(id=world.group.id).update(search_config="german")
    post = say(world, normalize(said, "Die Häuser sind alt."))
    titled = new_topic(world.group, world.mo, normalize(said, "Grüße vom Pfänder"))
    index_posts([titled])
    assert found(normalize(asked, "Häuser"), world.mia) == [post]
    assert found(normalize(asked, "Pfänder"), world.mia) == [titled]


def test_unknown_dictionary_still_finds_whole_words(world: World) -> None:
    Group.objects.filter(id=world.group.id).update(search_config="no_such")
    post = say(world, "Wattle")
    assert found("wattle", world.mia) == [post]


def test_snippet_shows_the_match_as_plain_text(world: World) -> None:
    say(world, "<script>alert(1)</script> \ue000 so much wattle \ue001 & daub")
    parts = find(Query("wattle"), world.mia, "").hits[0].snippet
    assert [p.text for p in parts if p.is_match] == ["wattle"]
    assert "\ue000" not in "".join(p.text for p in parts)


def test_a_conversation_is_found_once_by_its_best_post(world: World) -> None:
    for n in range(3):
        say(world, f"Some talk of wattle, and of oak {n}")
    best = say(world, "Wattle, wattle, wattle")
    found_once = find(Query("wattle"), world.mia, "")
    assert [(hit.post, hit.further) for hit in found_once.hits] == [(best, 3)]


def test_pages_follow_each_other_without_gap_or_repetition(world: World) -> None:
    posts = [new_topic(world.group, world.mo, f"Wattle number {n}") for n in range(PAGE * 2 + 5)]
    index_posts(posts)
    seen: list[Post] = []
    cursor = ""
    for _ in range(3):
        page = find(Query("wattle"), world.mia, cursor)
        seen += [hit.post for hit in page.hits]
        cursor = page.next_cursor
    assert cursor == ""
    assert page.count == len(posts)
    assert sorted(p.id for p in seen) == [p.id for p in posts]


@pytest.mark.parametrize("cursor", ["x", "-20", "7", "99999", "٢٠", "20.5", "\x00"])
def test_strange_cursor_gives_the_first_page(world: World, cursor: str) -> None:
    assert [hit.post for hit in find(Query("plinth"), world.mia, cursor).hits] == [world.reply]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300) | st.text(alphabet="\"'()|&!:*<-> \\ab\x00", max_size=80))
def test_any_words_can_be_asked_for(world: World, text: str) -> None:
    find(Query(text), world.mia, "")


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_the_calendar_can_be_asked_for(world: World, day: date) -> None:
    find(Query("plinth", since=day, until=day), world.mia, "")


def test_search_takes_the_same_queries_for_one_hit_and_for_many(world: World, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for many in (1, 30):
        for n in range(many):
            index_posts([new_topic(world.group, person(f"Writer {many} {n}"), f"Wattle {n}")])
        with django_assert_num_queries(5):
            [hit.post.author.name + hit.post.topic.title for hit in find(Query("wattle"), world.mia, "").hits]
