"""Standing that comes with days, while nobody writes or decides anything."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from moothall.core.clock import now
from moothall.discussions.models import Kind, Post, Thank, Topic
from moothall.discussions.ranking import recount
from moothall.groups.access import access
from moothall.groups.join import Application, join
from moothall.groups.leave import leave
from moothall.groups.models import Joining, Membership, Role
from moothall.groups.promote import make_member
from moothall.groups.transfer import offer
from moothall.judging.standing import CLEAN_DAYS, FIRST_DAYS_AGO, refresh_standing
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action, Decision
from moothall.moderation.ripening import ripen_standing
from moothall.posting.delete import delete, restore
from moothall.posting.edit import Edit, edit
from tests.browsers import as_
from tests.posting.test_submit import TALK
from tests.world import World, new_reply, new_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def eager(world: World) -> list[Post]:
    """Nils wrote three posts on his first day, three days and an hour ago."""
    begun = new_topic(world.group, world.nils, "Which lime for a sole plate?")
    posts = [begun, new_reply(begun.topic, world.nils), new_reply(world.topic, world.nils)]
    at = now() - timedelta(days=FIRST_DAYS_AGO, hours=1)
    Post.objects.filter(author=world.nils).update(created_at=at)
    Topic.objects.filter(id=begun.topic_id).update(created_at=at, is_paced=True)
    return posts


def has_standing(world: World, who: Profile) -> bool:
    return Membership.objects.get(group=world.group, profile=who).has_standing


def test_a_newcomer_earns_standing_when_the_days_are_over_and_their_conversations_settle(
    world: World, eager: list[Post]
) -> None:
    assert ripen_standing() == 1
    assert has_standing(world, world.nils)
    assert not Topic.objects.get(id=eager[0].topic_id).is_paced
    assert ripen_standing() == 0


def test_nobody_earns_it_before(world: World, eager: list[Post]) -> None:
    Post.objects.filter(author=world.nils).update(created_at=now() - timedelta(days=FIRST_DAYS_AGO, hours=-1))
    assert ripen_standing() == 0


def test_it_comes_back_when_a_decision_is_long_ago(world: World, eager: list[Post]) -> None:
    Post.objects.filter(author=world.nils).update(created_at=now() - timedelta(days=2 * CLEAN_DAYS))
    rejected = new_reply(world.topic, world.nils)
    decision = decide(rejected.id, Choice(Action.REJECT), world.mo.id)
    Post.objects.filter(author=world.nils).update(created_at=now() - timedelta(days=2 * CLEAN_DAYS))
    assert ripen_standing() == 0
    Decision.objects.filter(id=decision.id).update(decided_at=now() - timedelta(days=CLEAN_DAYS, hours=1))
    assert ripen_standing() == 1
    assert has_standing(world, world.nils)


def test_what_is_deleted_earns_no_standing_until_it_is_put_back(world: World, eager: list[Post]) -> None:
    ripen_standing()
    delete(eager[2].id, world.nils.id)
    assert not has_standing(world, world.nils)
    assert Topic.objects.get(id=eager[0].topic_id).is_paced
    restore(eager[2].id, world.nils.id)
    assert has_standing(world, world.nils)


def may_count_on(world: World, who: Profile) -> bool:
    return access(world.group, who).has_standing


@pytest.mark.parametrize("how", ["demoted", "gone and come back"])
def test_standing_by_office_ends_with_the_office(world: World, how: str) -> None:
    Membership.objects.filter(profile=world.mo).update(has_standing=False)
    world.group.joining = Joining.OPEN
    world.group.save(update_fields=["joining"])
    new_reply(world.topic, world.mo)
    refresh_standing(world.group.id, [world.mo.id])
    assert may_count_on(world, world.mo)
    if how == "demoted":
        membership = Membership.objects.get(profile=world.mo)
        assert make_member(world.group.id, membership.id, by_id=world.olga.id) is None
    else:
        assert leave(world.group.id, world.mo.id) is None
        join(world.group.id, world.mo.id, Application())
    assert not may_count_on(world, world.mo)


def test_what_a_manager_earned_by_writing_outlasts_the_office(world: World, eager: list[Post]) -> None:
    Membership.objects.filter(profile=world.nils).update(role=Role.MODERATOR)
    refresh_standing(world.group.id, [world.nils.id])
    membership = Membership.objects.get(profile=world.nils)
    assert make_member(world.group.id, membership.id, by_id=world.olga.id) is None
    assert may_count_on(world, world.nils)


def placed(post: Post) -> datetime:
    return Topic.objects.get(id=post.topic_id).rank_at


def is_paced(post: Post) -> bool:
    return Topic.objects.get(id=post.topic_id).is_paced


def test_what_somebody_began_settles_while_they_keep_the_group(world: World) -> None:
    begun = new_topic(world.group, world.nils, "Which lime for a sole plate?")
    Topic.objects.filter(id=begun.topic_id).update(is_paced=True)
    at = reverse("group_person", args=[world.group.slug, Membership.objects.get(profile=world.nils).id])
    as_(world.olga).post(at, {"do": "moderator"})
    assert not is_paced(begun)
    as_(world.olga).post(at, {"do": "member"})
    assert is_paced(begun)


def test_what_somebody_began_settles_once_the_group_is_theirs(world: World) -> None:
    begun = new_topic(world.group, world.nils, "Which lime for a sole plate?")
    Topic.objects.filter(id=begun.topic_id).update(is_paced=True)
    assert offer(world.group.id, world.nils.id, by_id=world.olga.id) is None
    as_(world.nils).post(reverse("group_transfer", args=[world.group.slug]), {"do": "accept"})
    assert not is_paced(begun)


def test_what_somebody_began_is_placed_anew_when_they_leave_the_group_they_kept(world: World) -> None:
    Membership.objects.filter(profile=world.nils).update(role=Role.MODERATOR)
    begun = new_topic(world.group, world.nils, "Which lime for a sole plate?")
    recount([begun.topic_id])
    assert not is_paced(begun)
    as_(world.nils).post(reverse("group_leave", args=[world.group.slug]))
    assert is_paced(begun)


def test_whom_a_group_is_closed_to_lifts_nothing_in_its_feed_any_more(world: World) -> None:
    """Some accounts can lift each other's conversations until a manager sees it."""
    answered, thanked, alone = (
        new_topic(world.group, world.mo, title, kind=Kind.DISCUSSION) for title in ("Vans", "Lofts", "Roofs")
    )
    new_reply(answered.topic, world.mia)
    Thank.objects.create(post=thanked, profile=world.mia)
    Topic.objects.filter(author=world.mo).update(created_at=now() - timedelta(days=2))
    recount([answered.topic_id, thanked.topic_id, alone.topic_id])
    assert placed(alone) < placed(thanked) < placed(answered)
    there = Membership.objects.get(profile=world.mia)
    at = reverse("group_person", args=[world.group.slug, there.id])
    as_(world.olga).post(at, {"do": "ban", "banned_reason": "Lifted offers"})
    assert placed(thanked) == placed(answered) == placed(alone)


def test_what_is_edited_out_of_the_discussions_earns_no_standing_until_it_is_back(
    world: World, eager: list[Post]
) -> None:
    assert ripen_standing() == 1
    for kind, earned in ((Kind.PROMOTION, False), (Kind.QUESTION, True)):
        begun = Post.objects.get(id=eager[0].id)
        edit(Edit(begun.id, world.nils.id, TALK, "Which lime for a sole plate?", kind, begun.version))
        assert has_standing(world, world.nils) == earned
        assert Topic.objects.get(id=begun.topic_id).is_paced != earned
