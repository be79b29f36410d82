from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from moothall.core.clock import now
from moothall.discussions.models import Lane, Post, Status
from moothall.groups.models import Group, Visibility
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action, ReviewItem
from moothall.notifications.models import Event, EventKind
from moothall.posting.submission import Submission
from moothall.posting.submit import submit
from moothall.posting.thank import thank
from moothall.search.index import index_posts
from tests.web.reading.test_group_pages import browser, page, titles
from tests.world import World, new_group, new_topic, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    index_posts([world.first, world.reply, world.held])
    return world


def test_stranger_is_told_what_this_is_and_which_groups_there_are(world: World) -> None:
    new_group("bee-keepers", Visibility.LISTED)
    html = page(None, "home")
    assert "Bee keepers" in html
    assert world.group.name not in html


def test_newcomer_without_a_group_is_shown_where_to_find_one(world: World) -> None:
    assert "You are in no group yet" in page(world.sam, "home")


def test_home_shows_the_talk_of_ones_groups(world: World) -> None:
    assert titles(page(world.mia, "home")) == [world.topic.title]


def test_answers_and_thanks_are_for_you(world: World) -> None:
    submit(
        Submission(
            group_id=world.group.id,
            author_id=world.olga.id,
            text="We spliced ours with green oak and it has held for nine winters.",
            topic_id=world.topic.id,
        )
    )
    thank(world.first.id, world.mo.id)
    html = page(world.mia, "home")
    assert "answered you in" in html
    assert "says your post helped" in html


def test_what_can_no_longer_be_read_is_not_for_you(world: World) -> None:
    thank(world.first.id, world.mo.id)
    Post.objects.filter(id=world.first.id).update(status=Status.REJECTED)
    assert "says your post helped" not in page(world.mia, "home")


def test_news_of_a_group_that_one_has_left_is_not_for_you(world: World) -> None:
    thank(world.first.id, world.mo.id)
    world.group.memberships.filter(profile=world.mia).update(state="left")
    assert world.topic.title not in page(world.mia, "home")


def test_managers_decision_is_for_the_author(world: World) -> None:
    decide(world.held.id, Choice(Action.RETURN, Lane.DISCUSSIONS, "Say where the house is."), world.mo.id)
    html = page(world.nils, "home")
    assert "looked at your post" in html
    assert "back with you" in html
    assert reverse("post_edit", args=[world.group.slug, world.held.id]) in html


def test_waiting_post_tells_its_author_how_long_of_what_was_promised(world: World) -> None:
    at = now() - timedelta(hours=3, minutes=5)
    ReviewItem.objects.create(group=world.group, post=world.held, opened_at=at, due_at=at + timedelta(hours=12))
    assert "3&nbsp;h of the 12&nbsp;h promised" in page(world.nils, "home")
    assert world.held.topic.title not in page(world.mia, "home")


def test_own_acts_are_no_news(world: World) -> None:
    Event.objects.create(
        kind=EventKind.REPLIED,
        group=world.group,
        topic=world.topic,
        post=world.reply,
        actor=world.mia,
        concerns=world.mia,
    )
    assert "answered you in" not in page(world.mia, "home")


def test_search_finds_and_keeps_what_was_asked(world: World) -> None:
    html = page(world.mia, "search", q="plinth", group=world.group.slug, author="Mo Marsh")
    assert titles(html) == [world.topic.title]
    assert "<b>plinth</b>" in html
    assert f'value="{world.group.slug}" selected' in html
    assert 'value="Mo Marsh"' in html


def test_filters_stand_before_what_was_found_and_are_open_while_one_is_set(world: World) -> None:
    plain, filtered = page(world.mia, "search", q="plinth"), page(world.mia, "search", q="plinth", kind="question")
    assert plain.index("<summary>Filters</summary>") < plain.index('id="found-h"')
    assert '<details class="stack">' in plain
    assert '<details class="stack" open>' in filtered


def test_search_shows_nothing_of_other_peoples_groups(world: World) -> None:
    assert titles(page(world.sam, "search", q="plinth")) == []
    html = page(world.sam, "search", q="plinth", group=world.group.slug)
    assert "You can’t search in this group" in html
    assert world.group.name not in html


def test_unknown_author_finds_nothing(world: World) -> None:
    assert "No conversation about ‘plinth’" in page(world.mia, "search", q="plinth", author="Nobody Known")


def test_all_who_bear_a_name_are_searched(world: World) -> None:
    namesake = person("Moses Marsh")
    Profile.objects.filter(id=namesake.id).update(name=world.mo.name)
    Post.objects.filter(id=world.reply.id).update(author=namesake)
    for name in ("mo  MARSH", "Moses-Marsh"):
        assert titles(page(world.mia, "search", q="plinth", author=name)) == [world.topic.title]


@pytest.mark.parametrize("field", ["group", "kind", "lane", "author", "since", "until", "after"])
def test_hostile_filter_gives_a_page(world: World, field: str) -> None:
    page(world.mia, "search", **{"q": "plinth", field: "x\x00\u202e'"})


def test_wrong_filters_are_told_beside_their_field(world: World) -> None:
    html = page(world.mia, "search", q="plinth", since="2026-13-45", until="x", kind="poem", lane="shop")
    assert "Write the day like this" in html
    assert 'aria-describedby="id_since_error"' in html
    assert 'aria-invalid="true"' in html
    backwards = page(world.mia, "search", q="plinth", since="2026-05-02", until="2026-05-01")
    assert "This day is before the other one." in backwards


@pytest.mark.parametrize(
    "words", ["\x00", "<script>alert(1)</script>", "\u202etxet", "'; DROP TABLE", "a" * 5000, '"', "- -- !", "the"]
)
def test_any_words_give_a_page(world: World, words: str) -> None:
    html = page(world.mia, "search", q=words)
    assert "<script>alert" not in html


def test_text_of_a_post_is_escaped_in_what_was_found(world: World) -> None:
    world.reply.text = "<img src=x onerror=alert(1)> plinth"
    world.reply.save(update_fields=["text"])
    assert "<img src=x" not in page(world.mia, "search", q="plinth")


def test_every_title_is_its_own(world: World) -> None:
    Group.objects.filter(id=world.group.id).update(visibility=Visibility.PUBLIC)
    slug = world.group.slug
    addresses = [reverse(name) for name in ("home", "groups", "search", "how_posts_are_read", "accessibility")]
    names = ("group", "group_promotions", "group_jobs", "group_about", "group_members", "group_decisions")
    addresses += [reverse(name, args=[slug]) for name in names]
    addresses += [f"{reverse('group', args=[slug])}?order=newest", f"{reverse('search')}?q=plinth"]
    client = browser(world.mia)
    pages = [client.get(address).content.decode() for address in addresses]
    found = {html[html.index("<title>") : html.index("</title>")] for html in pages}
    assert len(found) == len(addresses)


def test_page_beyond_what_was_found_leads_back_and_denies_nothing(world: World) -> None:
    index_posts([world.reply])
    html = page(world.mia, "search", q="plinth", after="20")
    assert "Nothing further" in html
    assert "No conversation about" not in html
    assert 'href="?q=plinth"' in html


def test_pages_of_what_was_found_follow_each_other(world: World) -> None:
    index_posts([new_topic(world.group, world.mo, f"Wattle {n}") for n in range(23)])
    first = page(world.mia, "search", q="wattle", author="mo-marsh")
    second = page(world.mia, "search", q="wattle", author="mo-marsh", after="20")
    assert "?q=wattle&amp;author=mo-marsh&amp;after=20" in first
    assert len(set(titles(first) + titles(second))) == 23
    assert 'rel="next"' not in second
