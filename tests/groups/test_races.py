"""Two people, one moment: real connections, real locks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from moothall.core.clock import now
from moothall.discussions.models import Post
from moothall.groups.ban import ban
from moothall.groups.close import remove_long_closed, reopen
from moothall.groups.create import MOST_A_DAY, NewGroup, create
from moothall.groups.invite import Issued, invite
from moothall.groups.join import Application, join, join_by_invitation
from moothall.groups.models import Group, Joining, Membership, MembershipState, Role
from moothall.groups.refusal import Refusal
from moothall.groups.transfer import accept_offer, offer
from moothall.mailer.models import OutboundMessage
from moothall.moderation.admitting import approve, refuse
from tests.posting.test_races import while_one_is_not_done
from tests.world import build_world, person

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(timeout=10)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def refusals(answers: list[object]) -> int:
    return sum(isinstance(answer, Refusal) for answer in answers)


def test_one_of_two_managers_decides_a_request() -> None:
    world = build_world()
    Group.objects.update(joining=Joining.APPROVAL)
    join(world.group.id, world.sam.id, Application(1))
    waiting = Membership.objects.get(profile=world.sam)
    answers = at_once(
        lambda: approve(world.group.id, waiting.id, by_id=world.olga.id),
        lambda: refuse(world.group.id, waiting.id, by_id=world.mo.id),
    )
    assert refusals(answers) == 1
    assert OutboundMessage.objects.filter(profile_id=world.sam.id).count() == 1


def test_one_of_two_gets_in_by_one_invitation() -> None:
    world = build_world()
    issued = invite(world.group.id, by_id=world.olga.id)
    assert isinstance(issued, Issued)
    lou = person("Lou Lark")
    answers = at_once(
        lambda: join_by_invitation(issued.secret, world.sam.id, Application(1)),
        lambda: join_by_invitation(issued.secret, lou.id, Application(1)),
    )
    assert refusals(answers) == 1
    assert Membership.objects.filter(profile__in=[world.sam, lou]).count() == 1


def test_double_click_on_join_joins_once() -> None:
    world = build_world()
    answers = at_once(*[lambda: join(world.group.id, world.sam.id, Application(1))] * 2)
    assert refusals(answers) == 0
    assert Membership.objects.filter(profile=world.sam).count() == 1


def test_ban_and_join_at_once_end_in_the_ban() -> None:
    world = build_world()
    there = Membership.objects.get(profile=world.mia)
    Membership.objects.filter(id=there.id).update(state=MembershipState.LEFT)
    at_once(
        lambda: ban(world.group.id, there.id, reason="Sold ladders", by_id=world.mo.id),
        lambda: join(world.group.id, world.mia.id, Application(1)),
    )
    there.refresh_from_db()
    assert there.state == MembershipState.BANNED


def test_offer_changed_while_it_is_accepted_leaves_one_owner() -> None:
    world = build_world()
    offer(world.group.id, world.mia.id, by_id=world.olga.id)
    at_once(
        lambda: accept_offer(world.group.id, by_id=world.mia.id),
        lambda: offer(world.group.id, world.mo.id, by_id=world.olga.id),
    )
    at_once(
        lambda: accept_offer(world.group.id, by_id=world.mo.id),
        lambda: accept_offer(world.group.id, by_id=world.mia.id),
    )
    assert Membership.objects.filter(group=world.group, role=Role.OWNER).count() == 1


def test_two_groups_of_one_name_founded_at_once_are_one() -> None:
    olga, mo = person("Olga Oakes"), person("Mo Marsh")
    answers = at_once(
        lambda: create(NewGroup("Lime", "Lime mortar"), by_id=olga.id),
        lambda: create(NewGroup("Lime", "Limes, the fruit"), by_id=mo.id),
    )
    assert refusals(answers) == 1
    assert Membership.objects.filter(role=Role.OWNER).count() == 1


def test_groups_founded_at_once_are_no_more_than_fit_in_a_day() -> None:
    olga = person("Olga Oakes")
    for number in range(MOST_A_DAY - 1):
        create(NewGroup(f"Lime {number}", "Lime mortar"), by_id=olga.id)
    while_one_is_not_done(
        lambda: create(NewGroup("Clay", "Clay plaster"), by_id=olga.id),
        lambda: create(NewGroup("Oak", "Oak frames"), by_id=olga.id),
    )
    assert Membership.objects.filter(profile=olga).count() == MOST_A_DAY


def test_group_opened_again_in_the_moment_of_its_removal_stays() -> None:
    world = build_world()
    Group.objects.update(closed_at=now() - timedelta(days=31))
    while_one_is_not_done(lambda: reopen(world.group.id, by_id=world.olga.id), remove_long_closed)
    assert Group.objects.get().closed_at is None
    assert Post.objects.filter(group=world.group).exists()
