"""Somebody holds the conversation and wants the post, while an act holds the post and wants the conversation."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.urls import reverse

from moothall.core.deadlocks import again_after_deadlock
from moothall.discussions.models import Kind, Post, Status, Thank, Topic
from moothall.discussions.ranking import recount
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action, Decision
from moothall.posting.answer import choose_answer
from moothall.posting.delete import delete
from moothall.posting.edit import Edit, edit
from moothall.posting.submission import Submission
from moothall.posting.submit import submit
from moothall.posting.thank import thank
from tests.browsers import as_
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)

Answer = TypeVar("Answer")
PATIENCE_S = 20
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def crossed(post: Post, act: Callable[[], Answer]) -> Answer:
    """For what locks the post first."""
    topics, posts = Topic.objects.filter(id=post.topic_id), Post.objects.filter(id=post.id)
    return _crossed(topics, posts, act)


def crossed_at_the_end(post: Post, act: Callable[[], Answer]) -> Answer:
    """For what locks the conversation, and the post that it names as it commits."""
    topics, posts = Topic.objects.filter(id=post.topic_id), Post.objects.filter(id=post.id)
    return _crossed(posts, topics, act)


def _crossed(held: QuerySet[Any], wanted: QuerySet[Any], act: Callable[[], Answer]) -> Answer:
    """What the act answers. It alone looks for a deadlock in time, so that it is the one to end.

    Both would look a second after they began to wait, which on a busy machine is as good as at once.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            look_late()
            held.select_for_update().get()
            answer = pool.submit(closing, act)
            until_s = time.monotonic() + PATIENCE_S
            while not waiting():
                assert time.monotonic() < until_s, "the act never waited"
                time.sleep(0.02)
            wanted.select_for_update().get()
        return answer.result(PATIENCE_S)


def look_late() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL deadlock_timeout = '{PATIENCE_S}s'")


def closing(act: Callable[[], Answer]) -> Answer:
    try:
        return act()
    finally:
        connection.close()


def waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone() == (1,))


def changed(world: World) -> object:
    text = "Is a spliced length of oak ever the honest answer?"
    return edit(Edit(world.first.id, world.mia.id, text, "Sole plate gone", Kind.QUESTION, seen_version=1))


def decided(world: World) -> Decision:
    return decide(world.first.id, Choice(Action.HOLD), world.mo.id)


ACTS: dict[str, Callable[[World], object]] = {
    "edit": changed,
    "delete": lambda world: delete(world.first.id, world.mia.id),
    "decide": decided,
    "thank": lambda world: thank(world.first.id, world.mo.id),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_done_again(name: str) -> None:
    world = build_world()
    crossed(world.first, lambda: ACTS[name](world))
    world.first.refresh_from_db()
    done = {
        "edit": world.first.version == 2,
        "delete": world.first.status == Status.DELETED,
        "decide": world.first.status == Status.HELD,
        "thank": Thank.objects.filter(post=world.first).count() == 1,
    }
    assert done[name]


def test_an_answer_to_a_post_that_somebody_holds_is_posted_after_all() -> None:
    world = build_world()
    answer = Submission(
        world.group.id, world.nils.id, "Green oak.", topic_id=world.topic.id, reply_to_id=world.reply.id
    )
    crossed_at_the_end(world.reply, lambda: submit(answer))
    assert Post.objects.filter(author=world.nils, reply_to=world.reply).count() == 1


def test_what_answered_is_chosen_after_all_while_somebody_holds_it() -> None:
    world = build_world()
    crossed_at_the_end(world.reply, lambda: choose_answer(world.reply.id, world.mia.id))
    assert Topic.objects.get(id=world.topic.id).answer_id == world.reply.id


def test_a_decision_in_the_queue_is_taken_after_all_and_undone_after_all() -> None:
    world = build_world()
    manager = as_(world.mo)
    target = reverse("post_decision", args=[world.group.slug, world.first.id])
    crossed(world.first, lambda: manager.post(target, {"do": "hold"}))
    decision = Decision.objects.get(post=world.first, is_machine=False)
    target = reverse("decision_undo", args=[world.group.slug, decision.id])
    crossed(world.first, lambda: manager.post(target))
    assert Decision.objects.filter(undoes=decision).exists()


def test_what_was_begun_within_something_else_is_left_to_that() -> None:
    world = build_world()
    tries = []

    @again_after_deadlock
    def count() -> None:
        tries.append(1)
        Post.objects.select_for_update().get(id=world.first.id)
        recount({world.topic.id})
        Topic.objects.select_for_update().get(id=world.topic.id)

    def within() -> None:
        with transaction.atomic():
            count()

    with pytest.raises(OperationalError, match="deadlock"):
        crossed(world.first, within)
    assert len(tries) == 1
