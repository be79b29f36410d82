from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from moothall.core.clock import now
from moothall.discussions.models import Kind, Lane, Post, Source, Status
from moothall.groups.change import as_they_stand
from moothall.groups.models import Group, Policy
from moothall.judging.models import Screening
from moothall.mailer.models import OutboundMessage, SendingState
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide
from moothall.moderation.flagging import flag, withdraw
from moothall.moderation.models import Action, Decision, ReviewItem
from moothall.posting.delete import delete
from moothall.web.manage.ledger import ledger, quote
from moothall.web.manage.trial import ReadPost, last_months_posts, try_all
from tests.browsers import as_
from tests.web.manage.test_joining_pages import address
from tests.world import World, join, new_group, new_reply, new_topic, person

pytestmark = pytest.mark.django_db

EVIDENCE = [
    {"source": "prior", "log_odds": -2.4, "reason": "how posts in general turn out", "spans": []},
    {"source": "wording", "log_odds": 3.5, "reason": "it names a discount", "spans": [[0, 24]]},
    {"source": "wording", "log_odds": 0.02, "reason": "the rest of its wording", "spans": []},
    {"source": "form", "log_odds": -0.1, "reason": "question marks", "spans": []},
]


def screened(post: Post, promotion: float = 0.73, keys: tuple[int, ...] = ()) -> Screening:
    return Screening.objects.create(
        post=post,
        group_id=post.group_id,
        model_version="test",
        promotion=promotion,
        fit=0.9,
        kind="promotion",
        kinds={"promotion": promotion, "job": 0.01},
        language="en",
        evidence=EVIDENCE,
        duplicate_keys=list(keys),
    )


def held(world: World, author: Profile, title: str, keys: tuple[int, ...] = (), *, hours: float = 1) -> ReviewItem:
    post = new_topic(world.group, author, title, status=Status.HELD)
    screened(post, keys=keys)
    opened = now() - timedelta(hours=hours)
    return ReviewItem.objects.create(
        group=world.group, post=post, opened_at=opened, due_at=opened + timedelta(hours=12)
    )


@pytest.fixture
def world(world: World) -> World:
    Post.objects.filter(id=world.held.id).delete()
    return world


def queue(world: World, who: Client, **query: int | str) -> str:
    return who.get(address("group_review", world), query).content.decode()


def test_oldest_post_is_in_hand_with_its_clock(world: World) -> None:
    held(world, world.nils, "Second in line", hours=1)
    held(world, world.nils, "First in line", hours=2.67)
    page = queue(world, as_(world.mo))
    assert "2 posts wait for you" in page
    assert '<h2 id="item">First in line</h2>' in page
    assert "2\xa0h\xa040\xa0min</b> of the 12\xa0h you promise" in page


def test_another_post_can_be_taken_in_hand(world: World) -> None:
    held(world, world.nils, "First in line", hours=2)
    item = held(world, world.nils, "Second in line", hours=1)
    assert '<h2 id="item">Second in line</h2>' in queue(world, as_(world.mo), post=item.post_id)
    assert '<h2 id="item">First in line</h2>' in queue(world, as_(world.mo), post="junk")


def test_empty_queue_says_so(world: World) -> None:
    assert "Nothing waits for you" in queue(world, as_(world.mo))


def test_moved_post_is_in_promotions_with_note_and_rule_and_can_be_undone(world: World) -> None:
    item = held(world, world.nils, "Best price damp proofing")
    rule = world.group.rules_editions.get().rules.get(number=2)
    manager = as_(world.mo)
    answer = manager.post(
        address("post_decision", world, post_id=item.post_id),
        {"do": "reroute", "lane": "promotions", "note": "Thank you.", "rule": str(rule.id), "item": str(item.id)},
    )
    item.post.refresh_from_db()
    assert (item.post.status, item.post.lane) == (Status.PUBLISHED, Lane.PROMOTIONS)
    decision = Decision.objects.get(post=item.post, is_machine=False)
    assert (decision.reason, decision.rule) == ("Thank you.", rule)
    page = manager.get(answer.headers["Location"]).content.decode()
    assert "Moved to Promotions: ‘Best price damp proofing’" in page
    manager.post(address("decision_undo", world, decision_id=decision.id))
    item.post.refresh_from_db()
    assert item.post.status == Status.HELD


@pytest.mark.parametrize(("do", "told"), [("return", "has deleted this post"), ("", "Choose what to do")])
def test_what_a_manager_wrote_is_given_back_where_nothing_was_decided(world: World, do: str, told: str) -> None:
    item = held(world, world.nils, "Best price damp proofing")
    if do:
        delete(item.post_id, world.nils.id)
    given = {"do": do, "note": "Tell us what you found.", "item": str(item.id), "version": "1"}
    said = as_(world.mo).post(address("post_decision", world, post_id=item.post_id), given, follow=True)
    assert told in said.content.decode()
    assert "You had written: ‘Tell us what you found.’" in said.content.decode()


def test_a_flag_that_was_taken_back_meanwhile_is_no_decision_of_anybody(world: World) -> None:
    assert flag(world.first.id, world.nils.id, None) is None
    item = ReviewItem.objects.get(post=world.first)
    withdraw(world.first.id, world.nils.id)
    given = {"do": "reject", "item": str(item.id)}
    said = as_(world.mo).post(address("post_decision", world, post_id=world.first.id), given, follow=True)
    assert "its flags were taken back" in said.content.decode()
    assert "decided this one already" not in said.content.decode()
    assert Post.objects.get(id=world.first.id).status == Status.PUBLISHED


def test_a_decision_on_a_comment_does_not_pass_for_one_on_its_conversation(world: World) -> None:
    manager = as_(world.mo)
    given = {"do": "reject"}
    page = manager.post(address("post_decision", world, post_id=world.reply.id), given, follow=True).content.decode()
    assert f"Rejected: a comment in ‘{world.topic.title}’" in page
    assert f"Rejected: a comment in {world.topic.title}" in page


def test_undo_says_how_many_had_the_post_by_mail(world: World) -> None:
    post = held(world, world.nils, "Best price damp proofing").post
    manager = as_(world.mo)
    decision = decide(post.id, Choice(Action.ACCEPT), world.mo.id)
    for reader in (world.olga, world.mia):
        mailed = OutboundMessage(profile_id=reader.id, thing=f"post:{post.id}", state=SendingState.SENT, sent_at=now())
        mailed.save()
    said = manager.post(address("decision_undo", world, decision_id=decision.id), follow=True).content.decode()
    assert "2 members had the post by mail meanwhile." in said


def test_post_that_was_changed_while_a_manager_read_it_is_read_again_first(world: World) -> None:
    item = held(world, world.nils, "Best price damp proofing")
    manager = as_(world.mo)
    read = re.search(r'name="version" value="(\d+)"', queue(world, manager))
    assert read is not None
    Post.objects.filter(id=item.post_id).update(version=2, html="<p>Another text.</p>", text="Another text.")
    given = {"do": "return", "note": "Please say less of prices.", "item": str(item.id), "version": read[1]}
    target = address("post_decision", world, post_id=item.post_id)
    page = manager.post(target, given, follow=True).content.decode()
    assert "Its author has changed the post while you read it." in page
    assert "‘Please say less of prices.’" in page
    assert "Another text." in page
    assert not Decision.objects.filter(is_machine=False).exists()
    manager.post(target, given | {"version": "2"})
    assert Post.objects.get(id=item.post_id).status == Status.RETURNED


def test_posts_with_the_same_words_are_decided_together_and_undone_together(world: World) -> None:
    item = held(world, world.nils, "Best price", keys=(1, 2, 3), hours=2)
    like_it = held(world, world.mia, "Best price ever", keys=(1, 2, 9))
    unlike = held(world, world.mia, "A question", keys=(7, 8))
    manager = as_(world.mo)
    page = queue(world, manager)
    assert f'name="also" value="{like_it.post_id}"' in page
    assert f'name="also" value="{unlike.post_id}"' not in page
    answer = manager.post(
        address("post_decision", world, post_id=item.post_id),
        {"do": "reject", "item": str(item.id), "also": [str(like_it.post_id)]},
    )
    assert Post.objects.filter(status=Status.REJECTED).count() == 2
    assert "and 1 like it" in manager.get(answer.headers["Location"]).content.decode()
    first, second = Decision.objects.filter(is_machine=False).order_by("id")
    manager.post(address("decision_undo", world, decision_id=first.id), {"with": [str(second.id)]})
    assert Post.objects.filter(status=Status.HELD).count() == 3


def test_post_like_it_that_was_changed_meanwhile_is_looked_at_first(world: World) -> None:
    item = held(world, world.nils, "Best price", keys=(1, 2, 3), hours=2)
    like_it = held(world, world.nils, "Best price ever", keys=(1, 2, 9))
    manager = as_(world.mo)
    read = dict(re.findall(r'name="(version\w*)" value="(\d+)"', queue(world, manager)))
    Post.objects.filter(id=like_it.post_id).update(version=2, text="Another text.")
    given = {"do": "accept", "item": str(item.id), "also": [str(like_it.post_id)]} | read
    target = address("post_decision", world, post_id=item.post_id)
    assert "A post like it was changed while you read." in manager.post(target, given, follow=True).content.decode()
    assert Post.objects.filter(status=Status.HELD).count() == 2
    manager.post(target, given | {f"version_{like_it.post_id}": "2"})
    assert Post.objects.filter(status=Status.HELD).count() == 0


def test_second_manager_changes_nothing_and_learns_who_decided(world: World) -> None:
    item = held(world, world.nils, "Best price")
    target = address("post_decision", world, post_id=item.post_id)
    as_(world.mo).post(target, {"do": "accept", "item": str(item.id)})
    page = as_(world.olga).post(target, {"do": "reject", "item": str(item.id)}, follow=True).content.decode()
    assert "Mo Marsh has decided this one already" in page
    item.post.refresh_from_db()
    assert item.post.status == Status.PUBLISHED


@pytest.mark.parametrize("do", ["", "burn", "accept\x00"])
def test_unknown_decision_is_refused(world: World, do: str) -> None:
    item = held(world, world.nils, "Best price")
    as_(world.mo).post(address("post_decision", world, post_id=item.post_id), {"do": do})
    assert not Decision.objects.exists()


def test_ids_of_another_group_are_not_found(world: World) -> None:
    elsewhere = new_group("elsewhere")
    lou = person("Lou Lark")
    join(elsewhere, lou)
    post = new_topic(elsewhere, lou, status=Status.HELD)
    decision = Decision.objects.create(
        group=elsewhere, post=post, action=Action.REJECT, lane=Lane.DISCUSSIONS, is_machine=False, decided_by=lou
    )
    manager = as_(world.olga)
    assert manager.post(address("post_decision", world, post_id=post.id), {"do": "accept"}).status_code == 404
    assert manager.post(address("decision_undo", world, decision_id=decision.id)).status_code == 404
    item = held(world, world.nils, "Best price")
    manager.post(address("post_decision", world, post_id=item.post_id), {"do": "accept", "also": [str(post.id), "x"]})
    post.refresh_from_db()
    assert post.status == Status.HELD


def test_words_elsewhere_are_counted_and_not_shown(world: World) -> None:
    elsewhere = new_group("elsewhere")
    lou = person("Lou Lark")
    join(elsewhere, lou)
    screened(new_topic(elsewhere, lou, "A secret title"), keys=(1, 2, 3))
    held(world, world.nils, "Best price", keys=(1, 2, 3))
    page = queue(world, as_(world.mo))
    assert "Nearly the same words stand in 1 other group." in page
    assert "A secret title" not in page


def test_ledger_adds_up_and_quotes_the_words(world: World) -> None:
    item = held(world, world.nils, "Best price")
    shown = ledger(item.post.screenings.get(), item.post, Policy.BALANCED)
    assert [(row.name, row.weight) for row in shown.rows] == [
        ("To begin with", "−2.4"),
        ("Wording", "+3.5"),
        ("Form", "−0.1"),
        ("The rest", "+0.0"),
    ]
    assert shown.rows[1].quote == item.post.text[:24].strip()
    assert shown.total_weight == "+1.0"
    assert shown.hold_weight == "+1.5"
    assert shown.rows[-1].bar.goes_to == shown.total.goes_to
    assert shown.zero_x < shown.total.goes_to < shown.hold_x


def test_queue_costs_the_same_queries_at_every_length(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    manager = as_(world.mo)
    for n in range(2):
        held(world, world.nils, f"Offer {n}", keys=(1, 2, 3))
    queue(world, manager)
    with django_assert_num_queries(18):
        queue(world, manager)
    for n in range(20):
        held(world, world.mia, f"Another {n}", keys=(1, 2, 3))
    with django_assert_num_queries(18):
        queue(world, manager)


def test_people_cost_the_same_queries_at_every_number(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    manager = as_(world.mo)
    manager.get(address("group_people", world))
    with django_assert_num_queries(9):
        manager.get(address("group_people", world))
    for n in range(20):
        join(world.group, person(f"Member {n}"))
    with django_assert_num_queries(9):
        manager.get(address("group_people", world))


def test_presets_are_tried_on_the_posts_of_the_last_month(world: World) -> None:
    for promotion in (0.1, 0.7, 0.85, 0.97):
        screened(new_topic(world.group, world.nils), promotion)
    old = screened(new_topic(world.group, world.nils), 0.99)
    Screening.objects.filter(id=old.id).update(screened_at=now() - timedelta(days=31))
    offer = Post.objects.get(screenings__promotion=0.97)
    Decision.objects.create(
        group=world.group, post=offer, action=Action.REROUTE, lane=Lane.PROMOTIONS, is_machine=False
    )
    figures = {t.policy: (t.held, t.rightly, t.undecided, t.shown) for t in try_all(last_months_posts(world.group))}
    assert figures == {
        Policy.RELAXED: (1, 1, 0, 0),
        Policy.BALANCED: (2, 1, 1, 0),
        Policy.STRICT: (3, 1, 2, 0),
    }


def test_what_was_said_among_promotions_would_never_wait(world: World) -> None:
    first = new_topic(world.group, world.nils, kind=Kind.PROMOTION, lane=Lane.PROMOTIONS)
    comment = new_reply(first.topic, world.nils)
    Post.objects.filter(id=comment.id).update(lane=Lane.PROMOTIONS)
    for post in (first, comment):
        screened(post, 0.99)
    assert [t.held for t in try_all(last_months_posts(world.group))] == [0, 0, 0]


def test_what_managers_mail_would_wait_as_it_does(world: World) -> None:
    mailed = new_topic(world.group, world.mo)
    Post.objects.filter(id=mailed.id).update(source=Source.MAIL)
    screened(mailed, 0.99)
    assert [t.held for t in try_all(last_months_posts(world.group))] == [1, 1, 1]


def test_posts_of_managers_would_never_wait(world: World) -> None:
    screened(new_topic(world.group, world.mo), 0.99)
    posts: list[ReadPost] = last_months_posts(world.group)
    assert [t.held for t in try_all(posts)] == [0, 0, 0]


def test_settings_say_when_there_is_nothing_to_try_on(world: World) -> None:
    page = as_(world.mia).get(address("group_settings", world)).content.decode()
    assert "nothing yet to try these on" in page


def test_settings_lead_members_to_no_page_of_managers(world: World) -> None:
    page = as_(world.mia).get(address("group_settings", world)).content.decode()
    assert address("group_rereading", world) not in page
    assert address("group_rereading", world) in as_(world.mo).get(address("group_settings", world)).content.decode()


def settings_of(world: World, **changed: str) -> dict[str, str]:
    """What the settings' form sends."""
    as_they_are = {
        "seen": as_they_stand(world.group),
        "name": "Old houses",
        "purpose": "Houses",
        "visibility": "private",
        "joining": "open",
        "policy": "balanced",
        "promise_hours": "12",
        "search_config": "english",
    }
    return as_they_are | changed


def test_settings_that_cannot_be_keep_what_was_chosen(world: World) -> None:
    given = settings_of(world, policy="strict", promise_hours="999")
    page = as_(world.mo).post(address("group_settings", world), given).content.decode()
    assert 'id="id_promise_hours_error"' in page
    assert 'value="strict" checked' in page


def test_of_two_managers_who_change_settings_at_once_the_second_loses_nothing(world: World) -> None:
    mo = as_(world.mo)
    mo.post(address("group_settings", world), settings_of(world, purpose="Barns"))
    stale = settings_of(world, purpose="Houses", promise_hours="999")
    page = mo.post(address("group_settings", world), stale).content.decode()
    assert f'name="seen" value="{stale["seen"]}"' in page
    page = mo.post(address("group_settings", world), stale | {"promise_hours": "24"}).content.decode()
    assert "Somebody else has changed the settings" in page
    assert Group.objects.get().purpose == "Barns"
    seen = as_they_stand(Group.objects.get())
    assert f'name="seen" value="{seen}"' in page
    mo.post(address("group_settings", world), stale | {"promise_hours": "24", "seen": seen})
    assert Group.objects.get().purpose == "Houses"


def test_managers_are_told_once_when_the_interest_became_wide(world: World) -> None:
    given = settings_of(world, purpose="All that matters to us")
    first = as_(world.mo).post(address("group_settings", world), given, follow=True).content.decode()
    again = as_(world.mo).post(address("group_settings", world), given, follow=True).content.decode()
    assert "fits nearly every post" in first
    assert "fits nearly every post" not in again


def test_settings_tell_members_what_was_changed_and_by_whom(world: World) -> None:
    given = settings_of(
        world, purpose="<b>Houses</b> & barns", joining="invitation", policy="strict", promise_hours="24"
    )
    as_(world.mo).post(address("group_settings", world), given)
    page = " ".join(strip_tags(as_(world.mia).get(address("group_settings", world)).content.decode()).split())
    assert "Last changes" in page
    assert "How soon a post is held: from Balanced to Strict" in page
    assert "Held posts are looked at within: from 12 hours to 24 hours" in page
    assert "How people join: from Anybody may join to By invitation only" in page
    assert "to ‘&lt;b&gt;Houses&lt;/b&gt; &amp; barns’" in page
    assert "Mo Marsh, just now" in page


def test_settings_cost_the_same_queries_at_every_number_of_posts(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_(world.mo)
    screened(new_topic(world.group, world.nils))
    client.get(reverse("group_settings", kwargs={"slug": world.group.slug}))
    with django_assert_num_queries(11):
        client.get(address("group_settings", world))
    for _ in range(10):
        screened(new_topic(world.group, world.nils))
    with django_assert_num_queries(11):
        client.get(address("group_settings", world))


def test_words_that_a_reason_quotes_are_not_quoted_again() -> None:
    assert quote("gives a price: '£40 a day'", "£40 a day") == ""
    assert quote("prices", "£40\n a day") == "£40 a day"
