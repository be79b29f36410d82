"""Members flag a post: what it stops, who sees it, and how it ends."""

from __future__ import annotations

import logging

import pytest
from django.db import IntegrityError, transaction

from moothall.discussions.models import Inbox, Kind, Lane, Post, Status
from moothall.groups.models import MailChoice, Membership
from moothall.mailer.models import OutboundMessage, SendingState
from moothall.mailer.queueing import Waiting, queue
from moothall.mailer.sending import send_due
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide, undo
from moothall.moderation.flagged import open_flags
from moothall.moderation.flagging import FLAGS_A_DAY, flag, withdraw
from moothall.moderation.models import Action, Decision, Flag, ReviewItem
from moothall.notifications.models import Notification
from moothall.notifications.preparing import prepare
from moothall.posting.edit import Edit, edit
from moothall.rules.models import Concern
from tests.posting.test_submit import TALK
from tests.queue import work_off
from tests.smtp_sink import smtp_sink
from tests.world import World, build_world, join, new_topic, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Nils's conversation waits to be mailed to Olga and Mo; Ruth and Wilf have standing too."""
    found = build_world()
    found.first = new_topic(found.group, found.nils, "Wax by the tin")
    Post.objects.filter(id=found.first.id).update(inbox=Inbox.OPEN)
    found.first.refresh_from_db()
    Membership.objects.filter(group=found.group).update(mail_discussions=MailChoice.INSTANT)
    queue(Waiting(who.id, f"post:{found.first.id}", found.first.created_at) for who in (found.olga, found.mo))
    return found


def another(world: World, name: str, *, standing: bool = True) -> Profile:
    found = person(name)
    join(world.group, found, standing=standing)
    return found


def now_is(post: Post) -> Post:
    post.refresh_from_db()
    return post


def held_by_three(world: World) -> None:
    for who in (world.mia, another(world, "Ruth Thackwray"), another(world, "Wilf Sparrow")):
        assert flag(world.first.id, who.id, None) is None


def test_a_flag_stops_what_is_unsent_and_the_log_says_how_many_inboxes(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "moothall.moderation.flagging"):
        assert flag(world.first.id, world.mia.id, None) is None
    assert f"A flag on post {world.first.id} spared 2 inboxes." in caplog.text
    assert set(OutboundMessage.objects.values_list("state", flat=True)) == {SendingState.DROPPED}
    assert not Post.objects.mailable().filter(id=world.first.id).exists()
    assert now_is(world.first).status == Status.PUBLISHED


def test_a_flag_without_weight_stops_nothing_and_is_still_read_by_a_manager(world: World) -> None:
    newcomer = another(world, "Nora New", standing=False)
    assert flag(world.first.id, newcomer.id, None) is None
    assert Post.objects.mailable().filter(id=world.first.id).exists()
    assert ReviewItem.objects.filter(post=world.first, decision=None).exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_was_spared_gets_the_post_once_a_manager_lets_it_stand(world: World) -> None:
    flag(world.first.id, world.mia.id, None)
    decide(world.first.id, Choice(Action.ACCEPT), world.olga.id)
    with smtp_sink() as sink:
        work_off()
        send_due(prepare)
    assert sorted(mail.recipient for mail in sink.mails) == ["mia.moss@moothall.example", "mo.marsh@moothall.example",
                                                             "olga.oakes@moothall.example"]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_flag_taken_back_lets_the_mail_go(world: World) -> None:
    flag(world.first.id, world.mia.id, None)
    assert withdraw(world.first.id, world.mia.id) is None
    assert not ReviewItem.objects.filter(post=world.first).exists()
    with smtp_sink() as sink:
        work_off()
        send_due(prepare)
    assert {mail.recipient for mail in sink.mails} >= {"mo.marsh@moothall.example", "olga.oakes@moothall.example"}


def test_three_members_with_standing_hold_a_post_and_nobody_is_named(world: World) -> None:
    held_by_three(world)
    assert now_is(world.first).status == Status.HELD
    decision = Decision.objects.get(post=world.first)
    assert (decision.is_machine, decision.decided_by, decision.agreed_count) == (True, None, 3)
    assert decision.reason == "3 members agree: this reads as an advert."
    assert decision.rule is not None
    assert decision.rule.concern == Concern.OFFERS


def test_the_author_hears_of_the_decision_and_not_of_a_flag(world: World) -> None:
    flag(world.first.id, world.mia.id, None)
    assert not Notification.objects.filter(profile=world.nils).exists()
    assert not Decision.objects.filter(post=world.first).exists()


def test_a_hundred_newcomers_hold_nothing(world: World) -> None:
    for number in range(10):
        flag(world.first.id, another(world, f"New {number}", standing=False).id, None)
    assert now_is(world.first).status == Status.PUBLISHED


def test_what_a_manager_wrote_or_let_stand_is_held_by_nobody(world: World) -> None:
    decide(world.first.id, Choice(Action.ACCEPT), world.olga.id)
    held_by_three(world)
    assert now_is(world.first).status == Status.PUBLISHED
    assert Post.objects.mailable().filter(id=world.first.id).exists()
    assert ReviewItem.objects.filter(post=world.first, decision=None).exists()


def test_a_flagged_post_is_not_freed_by_an_edit(world: World) -> None:
    held_by_three(world)
    edit(Edit(world.first.id, world.nils.id, "How do you wax an oak floor?", "Wax", Kind.QUESTION, 1))
    assert now_is(world.first).status == Status.HELD
    assert ReviewItem.objects.filter(post=world.first, decision=None).exists()


def test_a_decision_settles_the_flags_and_undoing_it_opens_them_again(world: World) -> None:
    held_by_three(world)
    decision = decide(world.first.id, Choice(Action.REROUTE, Lane.PROMOTIONS, "An offer."), world.olga.id)
    assert set(Flag.objects.values_list("decision", flat=True)) == {decision.id}
    undo(decision.id, world.olga.id)
    assert set(Flag.objects.values_list("decision", flat=True)) == {None}
    assert now_is(world.first).is_flagged


def test_flags_that_managers_did_not_share_lose_their_weight(world: World) -> None:
    for number in range(4):
        post = new_topic(world.group, world.nils, f"Wax {number}")
        flag(post.id, world.mia.id, None)
        decide(post.id, Choice(Action.ACCEPT), world.olga.id)
    flag(world.first.id, world.mia.id, None)
    assert not now_is(world.first).is_flagged


def test_an_author_who_mends_what_was_flagged_makes_the_flag_no_wrong_one(world: World) -> None:
    flag(world.first.id, world.mia.id, None)
    edit(Edit(world.first.id, world.nils.id, TALK, "Splice or replace?", Kind.QUESTION, 1))
    decide(world.first.id, Choice(Action.ACCEPT), world.olga.id)
    edit(Edit(world.first.id, world.nils.id, TALK + " It is oak.", "Splice or replace?", Kind.QUESTION, 2))
    other = new_topic(world.group, world.nils, "Wax again")
    flag(other.id, world.mia.id, None)
    record = open_flags(world.group.id, [other.id])[other.id][0].record
    assert (record.right, record.wrong) == (0, 0)


def test_a_manager_who_lets_their_own_post_stand_makes_no_flag_a_wrong_one(world: World) -> None:
    own = new_topic(world.group, world.mo, "Wax of mine")
    flag(own.id, world.mia.id, None)
    decide(own.id, Choice(Action.ACCEPT), world.mo.id)
    flag(world.first.id, world.mia.id, None)
    record = open_flags(world.group.id, [world.first.id])[world.first.id][0].record
    assert (record.right, record.wrong) == (0, 0)


def test_one_flag_per_member_and_post_in_the_database_too(world: World) -> None:
    flag(world.first.id, world.mia.id, None)
    assert flag(world.first.id, world.mia.id, 1) is None
    assert Flag.objects.get().concern == Concern.OFFERS
    with pytest.raises(IntegrityError), transaction.atomic():
        Flag.objects.create(group=world.group, post=world.first, profile=world.mia, concern=Concern.TOPIC)


def test_another_rule_can_be_named_and_a_rule_that_is_gone_can_not(world: World) -> None:
    assert flag(world.first.id, world.mia.id, 1) is None
    named = Flag.objects.get()
    assert named.rule is not None
    assert (named.concern, named.rule.number) == (Concern.TOPIC, 1)
    assert flag(world.reply.id, world.mia.id, 99) is not None


def test_one_flags_neither_ones_own_post_nor_an_offer_in_promotions_nor_what_is_held(world: World) -> None:
    offer = new_topic(world.group, world.nils, "Wax", lane=Lane.PROMOTIONS, kind=Kind.PROMOTION)
    assert flag(world.first.id, world.nils.id, None) is not None
    assert flag(offer.id, world.mia.id, None) is not None
    assert flag(world.held.id, world.mia.id, None) is not None
    assert flag(world.first.id, world.sam.id, None) is not None
    assert not Flag.objects.exists()


def test_flags_a_day_are_counted(world: World) -> None:
    newcomer = another(world, "Nora New", standing=False)
    posts = [new_topic(world.group, world.mia, f"Wax {n}") for n in range(FLAGS_A_DAY[False] + 1)]
    refusals = [flag(post.id, newcomer.id, None) for post in posts]
    assert [refusal is None for refusal in refusals] == [True] * FLAGS_A_DAY[False] + [False]


def test_a_flag_that_was_answered_can_not_be_taken_back(world: World) -> None:
    flag(world.first.id, world.mia.id, None)
    decide(world.first.id, Choice(Action.ACCEPT), world.olga.id)
    assert withdraw(world.first.id, world.mia.id) is not None
    assert Flag.objects.exists()


def test_a_flag_that_was_answered_is_not_raised_again_from_another_window(world: World) -> None:
    flag(world.first.id, world.mia.id, 1)
    decide(world.first.id, Choice(Action.ACCEPT), world.mo.id)
    refusal = flag(world.first.id, world.mia.id, 1)
    assert refusal is not None
    assert "decided" in refusal.message
    assert not ReviewItem.objects.filter(post=world.first, decision=None).exists()


def test_a_moderator_who_has_written_nothing_yet_stops_the_mail_too(world: World) -> None:
    Membership.objects.filter(profile=world.mo).update(has_standing=False)
    flag(world.first.id, world.mo.id, None)
    world.first.refresh_from_db()
    assert world.first.is_flagged
