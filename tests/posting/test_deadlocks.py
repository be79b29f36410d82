"""Somebody holds the conversation and wants the post, while an act holds the post and wants the conversation."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from moothall.core.deadlocks import again_after_deadlock
from moothall.discussions.models import Kind, Post, Status, Thank, Topic
from moothall.discussions.ranking import recount
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action, Decision
from moothall.posting.delete import delete
from moothall.posting.edit import Edit, edit
from moothall.posting.thank import thank
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_S = 20
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def crossed(post: Post, act: Callable[[], object]) -> object:
    """What the act answers. It waits first, so PostgreSQL ends it first."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Topic.objects.select_for_update().get(id=post.topic_id)
            answer = pool.submit(closing, act)
            until_s = time.monotonic() + PATIENCE_S
            while not waiting():
                assert time.monotonic() < until_s, "the act never waited for the conversation"
                time.sleep(0.02)
            Post.objects.select_for_update().get(id=post.id)
        return answer.result(PATIENCE_S)


def closing(act: Callable[[], object]) -> object:
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
