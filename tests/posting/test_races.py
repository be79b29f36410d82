"""Two people, one moment: what the second one does waits for the first one's transaction, and sees what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from moothall.accounts.models import Export
from moothall.discussions.models import Kind, Lane, Post, Status, Thank, Topic
from moothall.groups.models import MailChoice, Membership
from moothall.moderation.decide import Choice, decide
from moothall.moderation.flagging import FLAGS_A_DAY, flag
from moothall.moderation.models import Action, Decision, Flag
from moothall.moderation.reach import INBOXES
from moothall.posting.check import TOPICS_A_DAY
from moothall.posting.delete import delete
from moothall.posting.edit import Edit, edit
from moothall.posting.submission import Outcome, Result, Submission
from moothall.posting.submit import submit
from moothall.posting.tasks import ask_for_export
from moothall.posting.thank import THANKS_A_DAY, thank
from tests.posting.test_submit import a_topic
from tests.world import TITLE, World, build_world, new_reply, new_topic

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


@pytest.fixture(autouse=True)
def _queue_of_ones_own() -> Iterator[None]:
    """What is committed here would be found by other tests, and the other way round."""
    ProcrastinateJob.objects.all().delete()
    yield
    ProcrastinateJob.objects.all().delete()


def while_one_is_not_done(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Does the second in another connection, between the first's end and its commit."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            other = pool.submit(_in_a_connection_of_its_own, second)
            while not other.done() and not _waits_for_this():
                pass
        other.result(timeout=20)


def _in_a_connection_of_its_own(act: Callable[[], object]) -> None:
    try:
        act()
    finally:
        connection.close()


def _waits_for_this() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone() is not None


def test_two_who_thank_at_once_are_both_counted() -> None:
    world = build_world()
    while_one_is_not_done(
        lambda: thank(world.reply.id, world.mia.id),
        lambda: thank(world.reply.id, world.olga.id),
    )
    assert Post.objects.get(id=world.reply.id).thanked_count == 2
    assert Topic.objects.get(id=world.topic.id).thanked_count == 2


def test_decision_that_postgresql_ended_to_let_another_go_on_is_taken_again() -> None:
    """The decision holds its topic and waits for the author's other one, whose holder comes to wait for the first."""
    world = build_world()
    other = new_topic(world.group, world.topic.author, "Which oak for a lintel?")
    rows = Topic.objects.select_for_update(no_key=True)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        rows.get(id=world.topic.id)
        decided = pool.submit(_in_a_connection_of_its_own, lambda: decide(other.id, Choice(Action.REJECT), world.mo.id))
        while not _waits_for_this():
            assert not decided.done()
        rows.get(id=other.topic_id)
    decided.result(timeout=20)
    assert Post.objects.get(id=other.id).status == Status.REJECTED
    assert Decision.objects.filter(post=other, is_machine=False).count() == 1


def test_edit_that_is_sent_twice_at_once_saves_once() -> None:
    world = build_world()
    asked = Edit(world.reply.id, world.mo.id, "Splice it in green oak.", "", Kind.DISCUSSION, seen_version=1)
    while_one_is_not_done(lambda: edit(asked), lambda: _saved(edit(asked)))
    assert Post.objects.get(id=world.reply.id).version == 2


def _saved(outcome: Outcome) -> None:
    assert outcome.result == Result.PUBLISHED


@pytest.mark.parametrize(
    ("action", "status", "lane"),
    [
        (Action.REJECT, Status.REJECTED, Lane.DISCUSSIONS),
        (Action.RETURN, Status.HELD, Lane.DISCUSSIONS),
        (Action.REROUTE, Status.PUBLISHED, Lane.PROMOTIONS),
    ],
)
def test_edit_that_was_sent_before_a_decision_does_not_undo_it(action: Action, status: Status, lane: Lane) -> None:
    world = build_world()
    asked = Edit(world.first.id, world.mia.id, "Splice it in green oak.", TITLE, Kind.QUESTION, seen_version=1)
    while_one_is_not_done(lambda: decide(world.first.id, Choice(action), world.mo.id), lambda: edit(asked))
    post = Post.objects.get(id=world.first.id)
    assert (post.status, post.lane) == (status, lane)


def test_edit_of_what_is_deleted_in_another_window_is_refused() -> None:
    world = build_world()
    asked = Edit(world.reply.id, world.mo.id, "Splice it in green oak.", "", Kind.DISCUSSION, seen_version=1)
    while_one_is_not_done(lambda: delete(world.reply.id, world.mo.id), lambda: _refused(edit(asked)))
    assert Post.objects.get(id=world.reply.id).status == Status.DELETED


def test_conversations_begun_at_once_are_no_more_than_fit_in_a_day() -> None:
    world = build_world()
    for _ in range(TOPICS_A_DAY[False] - 2):
        new_topic(world.group, world.nils)
    while_one_is_not_done(
        lambda: submit(a_topic(world, author_id=world.nils.id)),
        lambda: _refused(submit(a_topic(world, author_id=world.nils.id))),
    )
    assert Post.objects.filter(author=world.nils, is_first=True).count() == TOPICS_A_DAY[False]


def test_thanks_given_at_once_are_no_more_than_fit_in_a_day() -> None:
    world = build_world()
    *earlier, one, other = _replies_by_mo(world, THANKS_A_DAY + 1)
    Thank.objects.bulk_create(Thank(post=post, profile=world.mia) for post in earlier)
    while_one_is_not_done(lambda: thank(one.id, world.mia.id), lambda: _refused(thank(other.id, world.mia.id)))
    assert Thank.objects.filter(profile=world.mia).count() == THANKS_A_DAY


def test_flags_raised_at_once_are_no_more_than_fit_in_a_day() -> None:
    world = build_world()
    most = FLAGS_A_DAY[False]
    *earlier, one, other = _replies_by_mo(world, most + 1)
    for post in earlier:
        assert flag(post.id, world.nils.id, None) is None
    while_one_is_not_done(lambda: flag(one.id, world.nils.id, None), lambda: flag(other.id, world.nils.id, None))
    assert Flag.objects.filter(profile=world.nils).count() == most


def _replies_by_mo(world: World, count: int) -> list[Post]:
    return [new_reply(world.topic, world.mo) for _ in range(count)]


def test_promotions_sent_at_once_share_one_budget() -> None:
    world = build_world()
    Membership.objects.update(mail_promotions=MailChoice.WEEKLY)
    Post.objects.filter(id=world.first.id).update(reach=INBOXES - 3)
    offered = a_topic(world, kind=Kind.PROMOTION)
    while_one_is_not_done(lambda: submit(offered), lambda: submit(offered))
    assert sorted(Post.objects.filter(lane=Lane.PROMOTIONS).values_list("is_beyond_reach", flat=True)) == [False, True]


def test_answer_to_a_conversation_that_ends_while_it_is_read_is_given_back() -> None:
    world = build_world()
    delete(world.reply.id, world.mo.id)
    answer = Submission(world.group.id, world.nils.id, "Splice it in green oak.", topic_id=world.topic.id)
    while_one_is_not_done(lambda: delete(world.first.id, world.mia.id), lambda: _refused(submit(answer)))
    assert not Post.objects.filter(author=world.nils, topic=world.topic).exists()


def _refused(outcome: Outcome) -> None:
    assert outcome.is_refused


def test_two_who_delete_the_last_words_at_once_end_the_conversation() -> None:
    world = build_world()
    while_one_is_not_done(
        lambda: delete(world.first.id, world.mia.id),
        lambda: delete(world.reply.id, world.mo.id),
    )
    assert Topic.objects.get(id=world.topic.id).status == Status.DELETED


def test_file_of_all_that_is_ones_own_is_packed_once_for_two_clicks() -> None:
    world = build_world()
    user = world.mia.user
    assert user is not None
    jobs = ProcrastinateJob.objects.filter(task_name="export_account")
    while_one_is_not_done(lambda: ask_for_export(user), lambda: ask_for_export(user))
    assert (Export.objects.count(), jobs.count()) == (1, 1)
