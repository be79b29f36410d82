"""What was written in Promotions, where nothing is held for being an offer, is ruled on once it stands elsewhere."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moothall.discussions.models import Inbox, Kind, Lane, Post, Status, Topic
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide, undo
from moothall.moderation.leaving_promotions import rule_on_comments
from moothall.moderation.models import Action, Decision, ReviewItem
from moothall.posting.delete import delete, restore
from moothall.posting.edit import Edit, edit
from moothall.posting.submission import Submission
from moothall.posting.submit import submit
from tests.posting.test_submit import PITCH, TALK
from tests.world import World, new_topic

pytestmark = pytest.mark.django_db


def begun_in_promotions(world: World) -> Post:
    asked = Submission(world.group.id, world.nils.id, TALK, kind=Kind.PROMOTION, title="Splice or replace?")
    return Post.objects.get(id=submit(asked).post_id or 0)


def answered(first: Post, author: Profile, text: str) -> Post:
    answer = Submission(first.group_id, author.id, text, topic_id=first.topic_id, reply_to_id=first.id)
    return Post.objects.get(id=submit(answer).post_id or 0)


def called_a_question(first: Post) -> None:
    edit(Edit(first.id, first.author_id, TALK, "Splice or replace?", Kind.QUESTION, first.version))


def is_mailable(post: Post) -> bool:
    return Post.objects.mailable().filter(id=post.id).exists()


def test_a_pitch_among_promotions_is_held_when_its_conversation_becomes_a_discussion(world: World) -> None:
    first = begun_in_promotions(world)
    pitch, talk = answered(first, world.nils, PITCH), answered(first, world.mia, TALK + " Ours is oak.")
    assert is_mailable(pitch)
    called_a_question(first)
    pitch.refresh_from_db()
    assert (pitch.status, pitch.inbox, pitch.lane) == (Status.HELD, Inbox.SHUT, Lane.DISCUSSIONS)
    assert ReviewItem.objects.filter(post=pitch, decision=None).exists()
    decision = Decision.objects.filter(post=pitch).latest("id")
    assert (decision.action, decision.is_machine, bool(decision.reason)) == (Action.HOLD, True, True)
    talk.refresh_from_db()
    assert (talk.status, talk.lane) == (Status.PUBLISHED, Lane.DISCUSSIONS)


def test_a_pitch_is_held_when_a_manager_moves_its_conversation_out_of_promotions(world: World) -> None:
    first = begun_in_promotions(world)
    pitch = answered(first, world.nils, PITCH)
    decide(first.id, Choice(Action.REROUTE, Lane.DISCUSSIONS), world.mo.id)
    pitch.refresh_from_db()
    assert pitch.status == Status.HELD


def test_a_pitch_below_a_comment_that_was_moved_away_is_held_when_that_is_undone(world: World) -> None:
    moved = decide(world.reply.id, Choice(Action.REROUTE, Lane.PROMOTIONS), world.mo.id)
    world.reply.refresh_from_db()
    pitch = answered(world.reply, world.nils, PITCH)
    assert pitch.status == Status.PUBLISHED
    undo(moved.id, world.mo.id)
    pitch.refresh_from_db()
    assert (pitch.topic_id, pitch.status) == (world.topic.id, Status.HELD)


def test_a_pitch_that_was_deleted_in_promotions_is_held_when_it_is_put_back_in_a_discussion(world: World) -> None:
    first = begun_in_promotions(world)
    pitch = answered(first, world.nils, PITCH)
    delete(pitch.id, world.nils.id)
    called_a_question(first)
    restore(pitch.id, world.nils.id)
    pitch.refresh_from_db()
    assert pitch.status == Status.HELD


def test_what_a_manager_let_stand_among_promotions_stands_in_a_discussion(world: World) -> None:
    first = begun_in_promotions(world)
    pitch = answered(first, world.nils, PITCH)
    decide(pitch.id, Choice(Action.ACCEPT), world.mo.id)
    called_a_question(first)
    pitch.refresh_from_db()
    assert pitch.status == Status.PUBLISHED


def test_an_offer_is_not_quoted_out_of_promotions_into_a_discussion(world: World) -> None:
    asked = Submission(world.group.id, world.nils.id, PITCH, kind=Kind.PROMOTION, title="Damp proofing")
    first = Post.objects.get(id=submit(asked).post_id or 0)
    quoting = answered(first, world.nils, f"> {PITCH}\n\nHas anybody here spliced a sole plate?")
    called_a_question(first)
    quoting.refresh_from_db()
    assert quoting.status == Status.HELD


def test_what_was_said_there_takes_the_same_queries_however_much_it_is(world: World) -> None:
    def queries(comments: int) -> int:
        first = new_topic(world.group, world.mia, "Rails", kind=Kind.PROMOTION, lane=Lane.PROMOTIONS)
        for _ in range(comments):
            answered(first, world.nils, TALK)
        Topic.objects.filter(id=first.topic_id).update(lane=Lane.DISCUSSIONS)
        with CaptureQueriesContext(connection) as made:
            assert rule_on_comments(first.topic_id) == []
        said = Post.objects.filter(topic=first.topic, is_first=False)
        assert set(said.values_list("lane", flat=True)) == {Lane.DISCUSSIONS}
        return len(made)

    assert queries(2) == queries(8)
