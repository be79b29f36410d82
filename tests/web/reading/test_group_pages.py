"""The pages on which one reads what is in a group, and finds groups."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from moothall.core.clock import now
from moothall.discussions.models import Kind, Lane, Post, Status, Topic
from moothall.discussions.ranking import recount
from moothall.groups.models import Group, Visibility
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide, undo
from moothall.moderation.models import Action, Decision
from moothall.rules.models import Rule
from tests.browsers import as_
from tests.world import World, join, new_group, new_reply, new_topic, person

pytestmark = pytest.mark.django_db

SECRET = "Best price damp proofing"


def browser(profile: Profile | None) -> Client:
    return Client() if profile is None else as_(profile)


def page(profile: Profile | None, name: str, *args: object, **asked: int | str) -> str:
    answer = browser(profile).get(reverse(name, args=args), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def titles(html: str) -> list[str]:
    return [re.sub(r"<span.*?</span>", "", t) for t in re.findall(r'<h3><a href="[^"]*">(.*?)</a></h3>', html)]


def many_topics(world: World, count: int) -> None:
    for n in range(count):
        topic = new_topic(world.group, person(f"Author {n} of {count}"), f"Topic {n} of {count}").topic
        new_reply(topic, world.mo)
        recount([topic.id])


def test_what_people_wrote_is_no_markup_in_a_feed(world: World) -> None:
    """Its rows are made without a template, which would escape by itself."""
    topic = new_topic(world.group, person("<b>Bold & Co</b>"), "<img src=x onerror=alert(1)> & 'more'").topic
    new_reply(topic, person("<i>Ida</i>"))
    recount([topic.id])
    for html in (page(world.mia, "group", world.group.slug), page(world.mia, "home")):
        assert "&lt;img src=x onerror=alert(1)&gt; &amp; &#x27;more&#x27;" in html
        assert "&lt;b&gt;Bold &amp; Co&lt;/b&gt;" in html
        assert "&lt;i&gt;Ida&lt;/i&gt;" in html
        assert not re.search("<img src=x|<b>Bold|<i>Ida", html)


def test_feed_shows_talk_and_not_what_is_held(world: World) -> None:
    html = page(world.mia, "group", world.group.slug)
    assert titles(html) == [world.topic.title]
    assert SECRET not in html


def test_promotions_and_jobs_have_their_own_pages(world: World) -> None:
    new_topic(world.group, world.mo, "Lime by the bag", kind=Kind.PROMOTION, lane=Lane.PROMOTIONS)
    new_topic(world.group, world.mo, "Thatcher wanted", kind=Kind.JOB, lane=Lane.JOBS)
    assert titles(page(world.mia, "group_promotions", world.group.slug)) == ["Lime by the bag"]
    assert titles(page(world.mia, "group_jobs", world.group.slug)) == ["Thatcher wanted"]
    assert titles(page(world.mia, "group", world.group.slug)) == [world.topic.title]


def test_unread_conversations_are_marked_in_words_too(world: World) -> None:
    recount([world.topic.id])
    assert '<span class="vh">New: </span>' in page(world.mia, "group", world.group.slug)
    assert "New: " not in page(world.mo, "group", world.group.slug)


def test_pages_of_the_feed_follow_each_other(world: World) -> None:
    many_topics(world, 45)
    for order in ("best", "newest"):
        client, address, seen = browser(world.mia), f"?order={order}", []
        while address:
            html = client.get(reverse("group", args=[world.group.slug]) + address).content.decode()
            seen += titles(html)
            older = re.search(r'rel="next" href="([^"]*)"', html)
            address = older[1].replace("&amp;", "&") if older else ""
        assert len(seen) == len(set(seen)) == 46


@pytest.mark.parametrize("asked", [{"order": "x\x00"}, {"after": "rubbish"}, {"order": "newest", "after": "9" * 99}])
def test_strange_addresses_give_the_first_page(world: World, asked: dict[str, str]) -> None:
    assert titles(page(world.mia, "group", world.group.slug, **asked)) == [world.topic.title]


def test_unanswered_shows_what_waits(world: World) -> None:
    asked = new_topic(world.group, world.mo, "Which lime for flint?")
    recount([asked.topic_id, world.topic.id])
    assert titles(page(world.mia, "group", world.group.slug, order="unanswered")) == ["Which lime for flint?"]


def test_only_those_who_may_write_are_asked_to(world: World) -> None:
    Group.objects.filter(id=world.group.id).update(visibility=Visibility.PUBLIC)
    compose = reverse("compose", args=[world.group.slug])
    assert compose in page(world.mia, "group", world.group.slug)
    stranger = page(world.sam, "group", world.group.slug)
    assert compose not in stranger
    assert reverse("group_join", args=[world.group.slug]) in stranger


def test_members_are_found_by_name_and_by_what_they_know(world: World) -> None:
    Profile.objects.filter(id=world.mo.id).update(knows=["thatch"])
    everybody = page(world.mia, "group_members", world.group.slug)
    assert all(p.name in everybody for p in (world.olga, world.mo, world.mia, world.nils))
    assert world.sam.name not in everybody
    by_name, by_knowledge = (page(world.mia, "group_members", world.group.slug, q=q) for q in ("olga", "THATCH"))
    assert world.olga.name in by_name
    assert world.mo.name not in by_name
    assert world.mo.name in by_knowledge
    assert "No member for ‘zzz’" in page(world.mia, "group_members", world.group.slug, q="zzz\x00")


def test_no_page_shows_an_address(world: World) -> None:
    decide(world.held.id, Choice(Action.REJECT, Lane.DISCUSSIONS, "It is an advert."), world.mo.id)
    for name in ("group", "group_members", "group_about", "group_decisions"):
        assert "@moothall.example" not in page(world.mia, name, world.group.slug)


def test_log_tells_who_moved_what_why_and_by_which_rule(world: World) -> None:
    rule = Rule.objects.get(edition__group=world.group, number=2)
    decide(world.reply.id, Choice(Action.REROUTE, Lane.PROMOTIONS, "It offers a service.", rule.id), world.olga.id)
    html = page(world.mia, "group_decisions", world.group.slug)
    for told in (world.olga.name, "moved to Promotions", "It offers a service.", "Rule 2", "sell to the group"):
        assert told in html


def test_log_neither_names_nor_quotes_what_members_cannot_read(world: World) -> None:
    Decision.objects.create(
        group=world.group,
        post=world.held,
        action=Action.HOLD,
        lane=Lane.DISCUSSIONS,
        is_machine=True,
        reason="‘call us today’",
    )
    html = page(world.mia, "group_decisions", world.group.slug)
    assert "held for a manager" in html
    for hidden in (SECRET, "call us today", world.nils.name):
        assert hidden not in html


def test_log_quotes_no_text_that_its_author_took_back(world: World) -> None:
    decide(world.held.id, Choice(Action.ACCEPT), world.mo.id)
    held = Decision(group=world.group, post=world.held, action=Action.HOLD, lane=Lane.DISCUSSIONS, is_machine=True)
    held.reason = "‘call us today’"
    held.save()
    assert "call us today" in page(world.mia, "group_decisions", world.group.slug)
    Post.objects.filter(id=world.held.id).update(edited_at=now())
    assert "call us today" not in page(world.mia, "group_decisions", world.group.slug)


@pytest.mark.parametrize("action", [Action.RETURN, Action.REJECT, Action.HOLD])
def test_what_a_manager_writes_to_an_author_stands_in_no_log(world: World, action: Action) -> None:
    decide(world.reply.id, Choice(action, note="Your second sentence, on your brother, is unkind."), world.olga.id)
    decide(world.reply.id, Choice(Action.ACCEPT), world.olga.id)
    assert "your brother" not in page(world.mia, "group_decisions", world.group.slug)


def test_log_leaves_out_what_the_machine_let_through_and_tells_what_was_taken_back(world: World) -> None:
    Decision.objects.create(
        group=world.group, post=world.first, action=Action.ACCEPT, lane=Lane.DISCUSSIONS, is_machine=True
    )
    assert "Nothing had to be decided" in page(world.mia, "group_decisions", world.group.slug)
    moved = decide(world.reply.id, Choice(Action.REROUTE, Lane.PROMOTIONS, "An offer."), world.mo.id)
    assert isinstance(moved, Decision)
    undo(moved.id, world.mo.id)
    assert "took a decision back" in page(world.mia, "group_decisions", world.group.slug)


def test_what_a_manager_moved_bears_the_mark_of_its_lane(world: World) -> None:
    decide(world.first.id, Choice(Action.REROUTE, Lane.PROMOTIONS, "An offer."), world.mo.id)
    feed = page(world.mia, "group_promotions", world.group.slug)
    topic = page(world.mia, "topic", world.group.slug, world.topic.id)
    for html in (feed, topic):
        assert 'class="kind kind--promo">Promotion<' in html
        assert "kind--ask" not in html
        assert "No answer yet" not in html
    world.topic.refresh_from_db()
    assert not world.topic.is_unanswered


def test_directory_lists_only_what_one_may_find(world: World) -> None:
    new_group("listed-one", Visibility.LISTED)
    new_group("public-one", Visibility.PUBLIC)
    new_group("hidden-one")
    for who, shown in ((world.mia, True), (world.sam, False), (None, False)):
        html = page(who, "groups")
        assert "Listed one" in html
        assert "Public one" in html
        assert "Hidden one" not in html
        assert (world.group.name in html) is shown


def test_directory_is_searched_by_name_and_interest(world: World) -> None:
    other = new_group("bee-keepers", Visibility.LISTED)
    Group.objects.filter(id=other.id).update(purpose="Bees and what they make.")
    assert titles(page(None, "groups", q="BEES")) == ["Bee keepers"]
    assert "No group for ‘chess’" in page(None, "groups", q="chess")


LISTED_PAGES = ("group", "group_promotions", "group_jobs", "group_about", "group_rules")


def test_search_engines_may_list_the_pages_of_a_group_whose_owner_lets_them(world: World) -> None:
    Group.objects.filter(id=world.group.id).update(visibility=Visibility.PUBLIC)

    def headers(name: str) -> str:
        answer = Client().get(reverse(name, args=[world.group.slug]))
        assert answer.status_code == 200
        return answer.headers.get("X-Robots-Tag", "")

    assert {headers(name) for name in LISTED_PAGES} == {"noindex, nofollow"}
    Group.objects.update(may_be_indexed=True)
    assert {headers(name) for name in LISTED_PAGES} == {""}
    assert headers("group_join") == "noindex, nofollow"


def test_about_page_is_for_everybody_who_may_find_the_group(world: World) -> None:
    Group.objects.filter(id=world.group.id).update(visibility=Visibility.LISTED)
    html = page(None, "group_about", world.group.slug)
    assert "sell to the group" in html
    assert world.olga.name in html
    assert reverse("group_join", args=[world.group.slug]) in html
    assert world.topic.title not in html


@pytest.mark.parametrize("name", ["group", "group_promotions", "group_members", "group_decisions", "groups", "home"])
def test_pages_take_the_same_queries_however_much_there_is(world: World, name: str) -> None:
    args = [] if name in ("groups", "home") else [world.group.slug]
    client = browser(world.mia)
    counted = []
    for size in (3, 25):
        many_topics(world, size)
        for n in range(size):
            member = person(f"Member {n} of {size}")
            join(world.group, member)
            join(new_group(f"group-{n}-of-{size}"), world.mia)
            held = new_topic(world.group, world.mia, f"Held {n} of {size}", status=Status.HELD)
            Decision.objects.create(
                group=world.group, post=held, action=Action.HOLD, lane=Lane.DISCUSSIONS, is_machine=True
            )
        client.get(reverse(name, args=args))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(name, args=args))
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert counted[0] <= 24


def test_times_are_said_as_people_say_them(world: World) -> None:
    Topic.objects.filter(id=world.topic.id).update(last_post_at=now() - timedelta(minutes=20))
    assert "20\u00a0min ago" in page(world.mia, "group", world.group.slug)
