"""History is read again by the screener of today."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moothall.discussions.models import Post, Status
from moothall.groups.models import Group, Policy
from moothall.judging.judge import screener
from moothall.judging.memory import memories
from moothall.judging.models import GroupMemory, Rereading, Screening
from moothall.moderation.decide import Choice, decide
from moothall.moderation.learning import relearn
from moothall.moderation.models import Action
from moothall.posting.rereading import begin, go_on, latest, unread
from moothall.posting.tasks import read_again
from tests.queue import work_off
from tests.world import World, build_world, new_reply

OFFER = "Our firm fits sash windows at the lowest prices in town. 20% off this week, call us today on 020 7946 0123!"


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def read_all(group_id: int) -> Rereading:
    under_way = begin(group_id)
    while go_on(under_way.id):
        pass
    return Rereading.objects.get(id=under_way.id)


def as_of_yesterday(world: World) -> int:
    """Each post has a verdict of an earlier version; returns how many posts there are to read."""
    read_all(world.group.id)
    Screening.objects.filter(group=world.group).update(model_version="yesterday")
    return Post.objects.filter(group=world.group).exclude(text="").exclude(status=Status.DELETED).count()


def test_what_today_has_read_is_not_read_again(world: World) -> None:
    assert read_all(world.group.id).total > 0
    assert read_all(world.group.id).total == 0


def test_every_post_gets_a_verdict_of_today_beside_the_old_one(world: World) -> None:
    waiting = as_of_yesterday(world)
    read = read_all(world.group.id)
    assert (read.total, read.done) == (waiting, waiting)
    assert read.finished_at is not None
    assert not unread(world.group.id).exists()
    for version in ("yesterday", screener().version):
        assert Screening.objects.filter(group=world.group, model_version=version).count() == waiting


@pytest.mark.django_db(transaction=True)
def test_the_worker_reads_in_its_own_time() -> None:
    world = build_world()
    waiting = as_of_yesterday(world)
    first, second = read_again(world.group.id), read_again(world.group.id)
    assert first.id == second.id
    work_off()
    read = latest(world.group.id)
    assert read is not None
    assert read.done == waiting
    assert read.finished_at is not None


def test_a_post_that_reads_as_an_offer_today_becomes_doubtful_and_stays(world: World) -> None:
    post = Post.objects.filter(group=world.group, author=world.mia, status=Status.PUBLISHED).earliest("id")
    Post.objects.filter(id=post.id).update(text=OFFER)
    Group.objects.filter(id=world.group.id).update(policy=Policy.STRICT)
    read = read_all(world.group.id)
    post.refresh_from_db()
    assert (post.status, post.is_doubtful) == (Status.PUBLISHED, True)
    assert (read.changed, read.would_hold) == (1, 1)


def test_what_a_manager_decided_is_not_read_again(world: World) -> None:
    decide(world.held.id, Choice(Action.ACCEPT), world.olga.id)
    before = Post.objects.get(id=world.held.id)
    Post.objects.filter(id=before.id).update(text=OFFER)
    assert read_all(world.group.id).changed == 0
    after = Post.objects.get(id=world.held.id)
    assert (after.status, after.is_doubtful) == (before.status, before.is_doubtful)
    assert not after.screenings.filter(model_version=screener().version).exists()


def test_a_batch_that_was_kept_already_is_not_counted_twice(world: World) -> None:
    waiting = as_of_yesterday(world)
    under_way = begin(world.group.id)
    go_on(under_way.id)
    Screening.objects.filter(group=world.group, model_version=screener().version).delete()
    Rereading.objects.filter(id=under_way.id).update(last_post=0, done=0)
    while go_on(under_way.id):
        pass
    assert Rereading.objects.get(id=under_way.id).done == waiting


def test_the_command_reads_all_groups_and_says_what_changed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    waiting = as_of_yesterday(world)
    call_command("reread")
    assert f"{world.group.slug}: {waiting} posts read" in capsys.readouterr().out


def test_the_command_names_groups_that_are_not_there(world: World) -> None:
    with pytest.raises(CommandError, match="no group nowhere"):
        call_command("reread", "nowhere")


def test_a_batch_takes_as_many_queries_for_many_comments_as_for_few(world: World) -> None:
    def queries() -> int:
        Screening.objects.filter(group=world.group).delete()
        under_way = begin(world.group.id)
        with CaptureQueriesContext(connection) as asked:
            assert go_on(under_way.id)
        while go_on(under_way.id):
            pass
        return len(asked)

    read_all(world.group.id)  # loads what is loaded once
    few = queries()
    topic = Post.objects.filter(group=world.group, is_first=True, status=Status.PUBLISHED).earliest("id").topic
    for number in range(12):
        new_reply(topic, world.mo, f"The north corner took {number} wedges before it sat.")
    assert queries() == few


def test_what_the_group_taught_is_learnt_anew_first(world: World) -> None:
    decide(world.held.id, Choice(Action.REROUTE), world.olga.id)
    relearn(world.group.id)
    GroupMemory.objects.filter(group=world.group).update(model_version="yesterday")
    read_all(world.group.id)
    assert GroupMemory.objects.get(group=world.group).model_version == screener().version
    assert world.group.id in memories([world.group.id])
