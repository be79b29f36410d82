"""Two conversations of an archive that a later mail shows to be one: what members did in either is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from moothall.core.clock import now
from moothall.core.mbox import iterate_mbox
from moothall.discussions.models import Draft, Lane, Post, Status, Topic, TopicRead
from moothall.groups.models import Group, Role
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide, undo
from moothall.moderation.models import Action, Decision
from moothall.notifications.models import Attitude, Event, EventKind, Watch
from moothall.posting.importing import Import
from tests.posting.test_importing import a_mail, write_mbox
from tests.world import join, new_group, person

pytestmark = pytest.mark.django_db

BEGINNING = a_mail(1, "Sole plate", "Splice it or replace it? The post above it is sound.\n")
ANSWERS = [a_mail(n, "Re: Oak or larch", "Oak, for a plate that stays dry.\n", answers="7") for n in (8, 9)]
LINK = a_mail(7, "Oak or larch", "And would you take oak or larch for it?\n", answers="1")


@pytest.fixture
def group() -> Group:
    return new_group("list")


@pytest.fixture
def mia(group: Group) -> Profile:
    return _member(group, "Mia Moss")


def _member(group: Group, name: str, role: Role = Role.MEMBER) -> Profile:
    someone = person(name)
    join(group, someone, role)
    return someone


def bring_in(group: Group, folder: Path, *, with_link: bool) -> None:
    mails = [BEGINNING, *ANSWERS] + ([LINK] if with_link else [])
    for _ in Import(group).run(iterate_mbox(write_mbox(folder / "list.mbox", mails))):
        pass


def apart(group: Group, folder: Path) -> tuple[Topic, Topic]:
    """The beginning, and what answers it before the link between them has arrived."""
    bring_in(group, folder, with_link=False)
    return Topic.objects.get(group=group, title="Sole plate"), Topic.objects.get(group=group, title="Oak or larch")


def test_what_was_followed_muted_or_begun_there_and_what_happened_there_moves_along(
    group: Group, mia: Profile, tmp_path: Path
) -> None:
    stays, goes = apart(group, tmp_path)
    nils = _member(group, "Nils Nook")
    Watch.objects.create(profile=mia, topic=goes, attitude=Attitude.FOLLOW)
    Watch.objects.create(profile=nils, topic=goes, attitude=Attitude.MUTE)
    Draft.objects.create(author=mia, group=group, topic=goes, text="Begun")
    happened = Event.objects.create(kind=EventKind.THANKED, group=group, topic=goes, concerns=mia)
    bring_in(group, tmp_path, with_link=True)

    assert set(Watch.objects.values_list("profile", "topic", "attitude")) == {
        (mia.id, stays.id, Attitude.FOLLOW),
        (nils.id, stays.id, Attitude.MUTE),
    }
    assert list(Draft.objects.values_list("topic", "text")) == [(stays.id, "Begun")]
    assert Event.objects.get(id=happened.id).topic_id == stays.id
    assert list(Topic.objects.filter(group=group).values_list("id", "reply_count")) == [(stays.id, 3)]


def test_of_two_drafts_neither_is_lost_and_of_two_attitudes_that_to_the_conversation_that_stays_holds(
    group: Group, mia: Profile, tmp_path: Path
) -> None:
    stays, goes = apart(group, tmp_path)
    for topic, text, attitude in ((stays, "Splice it.", Attitude.MUTE), (goes, "Oak.", Attitude.FOLLOW)):
        Draft.objects.create(author=mia, group=group, topic=topic, text=text)
        Watch.objects.create(profile=mia, topic=topic, attitude=attitude)
    bring_in(group, tmp_path, with_link=True)

    assert set(Draft.objects.values_list("topic", "text")) == {(stays.id, "Splice it."), (stays.id, "Oak.")}
    assert Watch.objects.get().attitude == Attitude.MUTE


def test_what_was_not_read_in_either_stays_unread(group: Group, mia: Profile, tmp_path: Path) -> None:
    stays, goes = apart(group, tmp_path)
    nils, mo = _member(group, "Nils Nook"), _member(group, "Mo Marsh")
    earlier, later = now() - timedelta(days=2), now()
    read = [(mia, stays, later), (mia, goes, earlier), (nils, stays, earlier), (nils, goes, later), (mo, goes, later)]
    TopicRead.objects.bulk_create(TopicRead(profile=who, topic=topic, read_at=at) for who, topic, at in read)
    bring_in(group, tmp_path, with_link=True)

    assert set(TopicRead.objects.values_list("profile", "topic", "read_at")) == {
        (mia.id, stays.id, earlier),
        (nils.id, stays.id, earlier),
        (mo.id, stays.id, later),
    }


def test_a_comment_that_was_moved_out_of_it_comes_back_into_the_conversation_that_stays(
    group: Group, tmp_path: Path
) -> None:
    stays, _ = apart(group, tmp_path)
    olga = _member(group, "Olga Oakes", Role.OWNER)
    comment = Post.objects.get(message_id="9@oak.example")
    moved = decide(comment.id, Choice(Action.REROUTE, Lane.PROMOTIONS), olga.id)
    bring_in(group, tmp_path, with_link=True)

    assert Decision.objects.get(id=moved.id).from_topic_id == stays.id
    undo(moved.id, olga.id)
    assert Post.objects.get(id=comment.id).topic_id == stays.id


def test_what_is_shown_is_not_joined_to_what_a_manager_rejected(group: Group, tmp_path: Path) -> None:
    stays, goes = apart(group, tmp_path)
    olga = _member(group, "Olga Oakes", Role.OWNER)
    decide(Post.objects.get(message_id="1@oak.example").id, Choice(Action.REJECT), olga.id)
    bring_in(group, tmp_path, with_link=True)

    assert Topic.objects.get(id=stays.id).status == Status.REJECTED
    assert set(Post.objects.published().values_list("topic", "message_id")) == {
        (goes.id, "8@oak.example"),
        (goes.id, "9@oak.example"),
    }
