from __future__ import annotations

from datetime import timedelta

import pytest

from moothall.core.clock import now
from moothall.discussions.models import Lane, Post, Status
from moothall.groups.access import access
from moothall.groups.authority import NOT_HERE
from moothall.groups.close import close, remove_long_closed, reopen
from moothall.groups.join import Application, join
from moothall.groups.leave import leave
from moothall.groups.models import Group, Membership, Role
from moothall.groups.promote import make_moderator
from moothall.groups.refusal import Refusal
from moothall.groups.transfer import accept_offer, decline_offer, offer, withdraw_offer
from moothall.members.models import Profile, ProfileState
from moothall.moderation.models import Action, Decision
from tests.world import World, build_world, new_group
from tests.world import join as put_into

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def owner(world: World) -> str:
    return Membership.objects.get(group=world.group, role=Role.OWNER).profile.name


def test_offer_changes_nothing_until_it_is_accepted(world: World) -> None:
    offer(world.group.id, world.mia.id, by_id=world.olga.id)
    assert owner(world) == "Olga Oakes"
    assert accept_offer(world.group.id, by_id=world.mia.id) is None
    assert owner(world) == "Mia Moss"
    assert Membership.objects.get(group=world.group, profile=world.olga).role == Role.MODERATOR


def test_offer_is_for_one_person(world: World) -> None:
    offer(world.group.id, world.mia.id, by_id=world.olga.id)
    offer(world.group.id, world.mo.id, by_id=world.olga.id)
    assert isinstance(accept_offer(world.group.id, by_id=world.mia.id), Refusal)
    assert accept_offer(world.group.id, by_id=world.mo.id) is None
    assert isinstance(accept_offer(world.group.id, by_id=world.mo.id), Refusal)


def test_withdrawn_and_declined_offers_cannot_be_accepted(world: World) -> None:
    offer(world.group.id, world.mia.id, by_id=world.olga.id)
    withdraw_offer(world.group.id, by_id=world.olga.id)
    assert isinstance(accept_offer(world.group.id, by_id=world.mia.id), Refusal)
    offer(world.group.id, world.mia.id, by_id=world.olga.id)
    assert isinstance(decline_offer(world.group.id, by_id=world.mo.id), Refusal)
    assert decline_offer(world.group.id, by_id=world.mia.id) is None
    assert isinstance(accept_offer(world.group.id, by_id=world.mia.id), Refusal)


@pytest.mark.parametrize(("who", "whom"), [("mo", "mia"), ("olga", "olga"), ("olga", "sam"), ("sam", "sam")])
def test_offers_that_may_not_be(world: World, who: str, whom: str) -> None:
    answer = offer(world.group.id, world.persona(whom).id, by_id=world.persona(who).id)
    assert isinstance(answer, Refusal)


def test_whoever_leaves_loses_the_offer(world: World) -> None:
    offer(world.group.id, world.mia.id, by_id=world.olga.id)
    leave(world.group.id, world.mia.id)
    assert isinstance(accept_offer(world.group.id, by_id=world.mia.id), Refusal)


def test_closing_wants_the_name_of_the_group(world: World) -> None:
    answer = close(world.group.id, typed_name="Old", by_id=world.olga.id)
    assert isinstance(answer, Refusal)
    assert answer.field == "typed_name"


def test_closed_group_is_gone_for_all_and_found_by_its_owner(world: World) -> None:
    close(world.group.id, typed_name="old houses ", by_id=world.olga.id)
    group = Group.objects.get(id=world.group.id)
    assert not access(group, world.mia).may_find
    assert not access(group, world.olga).may_read
    assert access(group, world.olga).may_find
    assert not Post.objects.readable_by(world.mia).exists()
    assert not Group.objects.findable_by(world.mia).exists()
    assert isinstance(join(group.id, world.sam.id, Application(1)), Refusal)


def test_owner_alone_closes_and_reopens(world: World) -> None:
    assert isinstance(close(world.group.id, typed_name="Old houses", by_id=world.mo.id), Refusal)
    close(world.group.id, typed_name="Old houses", by_id=world.olga.id)
    assert isinstance(reopen(world.group.id, by_id=world.mo.id), Refusal)
    assert reopen(world.group.id, by_id=world.olga.id) is None
    assert access(Group.objects.get(), world.mia).may_read


def test_closed_group_goes_after_30_days_with_all_that_is_in_it(world: World) -> None:
    fresh = new_group("fresh")
    put_into(fresh, world.olga, Role.OWNER)
    for group, days in ((world.group, 31), (fresh, 29)):
        Group.objects.filter(id=group.id).update(closed_at=now() - timedelta(days=days))
    first = Decision.objects.create(
        group=world.group, post=world.held, action=Action.HOLD, lane=Lane.DISCUSSIONS, is_machine=True
    )
    Decision.objects.create(
        group=world.group, post=world.held, action=Action.ACCEPT, lane=Lane.DISCUSSIONS, is_machine=True, undoes=first
    )
    assert remove_long_closed() == 1
    assert list(Group.objects.all()) == [fresh]
    assert not Post.objects.filter(status=Status.HELD).exists()


def test_group_is_offered_and_kept_by_people_with_an_account_alone(world: World) -> None:
    """An author of an imported list could never accept, and nobody would answer for what waits."""
    known = Profile.objects.create(
        state=ProfileState.PLACEHOLDER, handle="old-hand", name="Old Hand", claim_address="hand@old-list.example"
    )
    there = put_into(world.group, known)
    assert offer(world.group.id, known.id, by_id=world.olga.id) == NOT_HERE
    assert make_moderator(world.group.id, there.id, by_id=world.olga.id) == NOT_HERE
    there.refresh_from_db()
    assert there.role == Role.MEMBER
