"""The budget of reach: who would fill more inboxes than that is published without mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from moothall.core.clock import now
from moothall.discussions.models import Inbox, Kind, Lane, Post, Status
from moothall.groups.models import MailChoice, Membership
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide, undo
from moothall.moderation.models import Action
from moothall.moderation.reach import DAYS, INBOXES, spent, used_in
from moothall.posting.edit import Edit, edit
from moothall.posting.preview import preview, preview_edit
from moothall.posting.submission import Outcome, Result, Submission
from moothall.posting.submit import submit
from tests.posting.test_submit import PITCH, TALK
from tests.world import World, new_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    Membership.objects.update(mail_promotions=MailChoice.WEEKLY)
    return world


def promotion(world: World, author: Profile) -> Submission:
    return Submission(world.group.id, author.id, "Ten tubs of lime putty.", kind=Kind.PROMOTION, title="Lime putty")


def use_up(world: World, author: Profile) -> None:
    used = new_reply(world.topic, author)
    Post.objects.filter(id=used.id).update(reach=INBOXES)


def post_of(outcome: Outcome) -> Post:
    return Post.objects.get(id=outcome.post_id or 0)


def test_a_promotion_costs_the_inboxes_of_those_who_asked_for_promotions(world: World) -> None:
    Membership.objects.filter(profile=world.mo).update(mail_promotions=MailChoice.NONE)
    outcome = submit(promotion(world, world.mia))
    assert not outcome.is_beyond_reach
    assert spent(world.mia.id) == 2


def test_beyond_the_budget_it_is_published_and_not_mailed(world: World) -> None:
    use_up(world, world.mia)
    outcome = submit(promotion(world, world.mia))
    post = post_of(outcome)
    assert outcome.is_beyond_reach
    assert (post.status, post.lane, post.inbox) == (Status.PUBLISHED, Lane.PROMOTIONS, Inbox.OPEN)
    assert not Post.objects.mailable().filter(id=post.id).exists()
    assert spent(world.mia.id) == INBOXES


def test_talk_of_members_with_standing_costs_nothing(world: World) -> None:
    use_up(world, world.mia)
    asked = Submission(world.group.id, world.mia.id, "Which lime for a damp wall?", kind=Kind.QUESTION, title="Lime")
    assert not submit(asked).is_beyond_reach


def test_deleting_gives_nothing_back(world: World) -> None:
    submit(promotion(world, world.mia))
    before = spent(world.mia.id)
    Post.objects.filter(author=world.mia).update(status=Status.DELETED, deleted_at=now())
    assert spent(world.mia.id) == before > 0


def test_the_preview_says_what_it_would_cost(world: World) -> None:
    reach = preview(promotion(world, world.mia)).reach
    assert reach is not None
    assert (reach.inboxes, reach.left) == (3, INBOXES)


def test_the_author_is_told_and_managers_see_what_was_used(world: World) -> None:
    use_up(world, world.mia)
    client = Client()
    assert world.mia.user is not None
    client.force_login(world.mia.user)
    form = {"kind": "promotion", "title": "Lime putty", "text": "Ten tubs of lime putty.", "go": "post"}
    answer = client.post(reverse("compose", args=[world.group.slug]), form, follow=True)
    assert "and not mailed" in answer.content.decode()
    change = {"kind": "promotion", "title": "Lime", "text": "Ten tubs.", "seen_version": "1", "go": "post"}
    edited = client.post(reverse("post_edit", args=[world.group.slug, world.first.id]), change, follow=True)
    assert "and not mailed" in edited.content.decode()
    assert world.olga.user is not None
    client.force_login(world.olga.user)
    page = client.get(reverse("group_people", args=[world.group.slug])).content.decode()
    assert f"{INBOXES} of {INBOXES}" in page


def is_mailable(post: Post) -> bool:
    return Post.objects.mailable().filter(id=post.id).exists()


@pytest.mark.parametrize("used", [0, INBOXES])
def test_an_edit_that_makes_a_promotion_of_it_costs_as_one(world: World, used: int) -> None:
    Post.objects.filter(id=world.first.id).update(inbox=Inbox.OPEN)
    Post.objects.filter(id=world.reply.id).update(author=world.mia, reach=used)
    outcome = edit(Edit(world.first.id, world.mia.id, "Ten tubs of lime putty.", "Lime putty", Kind.PROMOTION, 1))
    assert outcome.is_beyond_reach == bool(used)
    assert is_mailable(world.first) != bool(used)
    assert spent(world.mia.id) == (used or 3)


@pytest.mark.parametrize("used", [0, INBOXES])
def test_a_held_conversation_of_a_newcomer_costs_once_it_is_edited_clean(world: World, used: int) -> None:
    Post.objects.filter(id=world.reply.id).update(author=world.nils, reach=used)
    post = post_of(
        submit(Submission(world.group.id, world.nils.id, PITCH, kind=Kind.QUESTION, title="CHEAP DAMP PROOFING"))
    )
    assert (post.status, spent(world.nils.id)) == (Status.HELD, used)
    for version, text in enumerate((TALK, TALK + " It is oak.", PITCH, TALK), start=1):
        outcome = edit(Edit(post.id, world.nils.id, text, "Splice or replace?", Kind.QUESTION, version))
    post.refresh_from_db()
    assert (outcome.result, outcome.is_beyond_reach) == (Result.PUBLISHED, bool(used))
    assert post.inbox != Inbox.SHUT
    assert post.reach == (0 if used else 3)
    assert spent(world.nils.id) == (used or 3)


@pytest.mark.parametrize("used", [0, INBOXES])
def test_what_a_manager_puts_into_promotions_costs_its_author_once(world: World, used: int) -> None:
    Post.objects.filter(id=world.reply.id).update(author=world.mia, reach=used)
    moved = decide(world.first.id, Choice(Action.REROUTE, Lane.PROMOTIONS), world.mo.id)
    assert is_mailable(world.first) != bool(used)
    undo(moved.id, world.mo.id)
    decide(world.first.id, Choice(Action.REROUTE, Lane.PROMOTIONS), world.mo.id)
    assert spent(world.mia.id) == (used or 3)


def test_what_a_manager_moves_out_of_promotions_is_mailed_whatever_is_left_of_the_budget(world: World) -> None:
    use_up(world, world.nils)
    post = post_of(submit(promotion(world, world.nils)))
    assert not is_mailable(post)
    decide(post.id, Choice(Action.REROUTE, Lane.DISCUSSIONS), world.mo.id)
    assert is_mailable(post)


def test_a_promotion_that_its_author_makes_a_conversation_costs_what_that_reaches_beyond_it(world: World) -> None:
    Membership.objects.exclude(profile=world.mo).update(mail_promotions=MailChoice.NONE)
    post = post_of(submit(promotion(world, world.nils)))
    assert spent(world.nils.id) == 1
    edit(Edit(post.id, world.nils.id, TALK, "Splice or replace?", Kind.QUESTION, 1))
    assert spent(world.nils.id) == 3


def test_a_newcomers_promotion_made_a_conversation_is_not_mailed_beyond_the_budget(world: World) -> None:
    Membership.objects.exclude(profile=world.mo).update(mail_promotions=MailChoice.NONE)
    Post.objects.filter(id=world.reply.id).update(author=world.nils, reach=INBOXES - 2)
    post = post_of(submit(promotion(world, world.nils)))
    asked = Edit(post.id, world.nils.id, TALK, "Splice or replace?", Kind.QUESTION, 1)
    reach = preview_edit(post, asked).reach
    assert reach is not None
    assert reach.is_beyond
    assert edit(asked).is_beyond_reach
    assert not is_mailable(post)
    assert spent(world.nils.id) == INBOXES - 1


def test_an_old_conversation_that_becomes_a_promotion_costs_as_a_new_one(world: World) -> None:
    Post.objects.filter(id=world.first.id).update(created_at=now() - timedelta(days=DAYS + 10), inbox=Inbox.OPEN)
    edit(Edit(world.first.id, world.mia.id, "Ten tubs of lime putty.", "Lime putty", Kind.PROMOTION, 1))
    assert is_mailable(world.first)
    assert spent(world.mia.id) == 3
    used = Membership.objects.filter(profile=world.mia).annotate(used=used_in(world.group.id))
    assert list(used.values_list("used", flat=True)) == [3]
    Post.objects.filter(id=world.first.id).update(inbox_at=now() - timedelta(days=DAYS))
    assert spent(world.mia.id) == 0
