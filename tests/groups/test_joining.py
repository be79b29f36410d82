from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from moothall.core.clock import now
from moothall.groups.access import access
from moothall.groups.admit import approve, refuse
from moothall.groups.ban import ban, lift
from moothall.groups.invite import Issued, find_open, invite, withdraw
from moothall.groups.join import BANNED, Application, join, join_by_invitation
from moothall.groups.leave import leave
from moothall.groups.models import Group, Invitation, Joining, Membership, MembershipState, Role
from moothall.groups.promote import make_member, make_moderator
from moothall.groups.refusal import Refusal
from moothall.members.models import Profile, ProfileState
from tests.world import World, build_world, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def membership(world: World, profile: Profile) -> Membership:
    return Membership.objects.get(group=world.group, profile=profile)


def let_in_by(world: World, joining: Joining, question: str = "") -> None:
    Group.objects.filter(id=world.group.id).update(joining=joining, join_question=question)


def invited(world: World, address: str = "") -> str:
    issued = invite(world.group.id, by_id=world.mo.id, address=address)
    assert isinstance(issued, Issued)
    return issued.secret


def test_open_group_is_joined_at_once_with_the_rules_accepted(world: World) -> None:
    join(world.group.id, world.sam.id, Application(rules_edition=1))
    there = membership(world, world.sam)
    assert (there.state, there.role, there.rules_edition) == (MembershipState.ACTIVE, Role.MEMBER, 1)


def test_joining_twice_changes_nothing(world: World) -> None:
    before = membership(world, world.mo)
    assert join(world.group.id, world.mo.id, Application()) == before
    assert membership(world, world.mo).role == Role.MODERATOR


def test_group_by_approval_waits_for_a_manager_with_the_answer(world: World) -> None:
    let_in_by(world, Joining.APPROVAL, "Which house?")
    join(world.group.id, world.sam.id, Application(1, "A cottage of 1780"))
    there = membership(world, world.sam)
    assert (there.state, there.answer) == (MembershipState.PENDING, "A cottage of 1780")
    assert not access(world.group, world.sam).is_member


def test_whoever_waits_may_come_in_once_the_group_is_open(world: World) -> None:
    Group.objects.update(joining=Joining.APPROVAL)
    join(world.group.id, world.sam.id, Application(1))
    waiting = join(world.group.id, world.sam.id, Application(1))
    assert isinstance(waiting, Membership)
    assert waiting.state == MembershipState.PENDING
    Group.objects.update(joining=Joining.OPEN)
    there = join(world.group.id, world.sam.id, Application(1))
    assert isinstance(there, Membership)
    assert there.state == MembershipState.ACTIVE


def test_question_wants_an_answer(world: World) -> None:
    let_in_by(world, Joining.APPROVAL, "Which house?")
    answer = join(world.group.id, world.sam.id, Application(1, "  "))
    assert isinstance(answer, Refusal)
    assert answer.field == "answer"


def test_group_by_invitation_refuses_the_uninvited(world: World) -> None:
    let_in_by(world, Joining.INVITATION)
    assert isinstance(join(world.group.id, world.sam.id, Application(1)), Refusal)


def test_approved_person_is_a_member_and_cannot_be_approved_again(world: World) -> None:
    let_in_by(world, Joining.APPROVAL)
    join(world.group.id, world.sam.id, Application(1))
    waiting = membership(world, world.sam)
    assert approve(world.group.id, waiting.id, by_id=world.mo.id) is None
    assert isinstance(refuse(world.group.id, waiting.id, by_id=world.olga.id), Refusal)
    assert membership(world, world.sam).state == MembershipState.ACTIVE


def test_refused_person_may_ask_again(world: World) -> None:
    let_in_by(world, Joining.APPROVAL)
    join(world.group.id, world.sam.id, Application(1))
    refuse(world.group.id, membership(world, world.sam).id, by_id=world.mo.id)
    join(world.group.id, world.sam.id, Application(1))
    assert membership(world, world.sam).state == MembershipState.PENDING


@pytest.mark.parametrize("who", ["mia", "sam"])
def test_only_managers_approve(world: World, who: str) -> None:
    let_in_by(world, Joining.APPROVAL)
    join(world.group.id, world.sam.id, Application(1))
    answer = approve(world.group.id, membership(world, world.sam).id, by_id=world.persona(who).id)
    assert isinstance(answer, Refusal)


def test_manager_of_one_group_has_no_say_in_another(world: World) -> None:
    other = Group.objects.create(slug="other", name="Other", purpose="Another thing", joining=Joining.APPROVAL)
    join(other.id, world.sam.id, Application())
    waiting = Membership.objects.get(group=other)
    assert isinstance(approve(world.group.id, waiting.id, by_id=world.olga.id), Refusal)
    assert isinstance(ban(world.group.id, waiting.id, reason="x", by_id=world.olga.id), Refusal)
    waiting.refresh_from_db()
    assert waiting.state == MembershipState.PENDING


def test_invitation_lets_one_person_in_past_every_gate(world: World) -> None:
    let_in_by(world, Joining.INVITATION)
    secret = invited(world)
    assert isinstance(join_by_invitation(secret, world.sam.id, Application(1)), Membership)
    assert isinstance(join_by_invitation(secret, person("Late Lou").id, Application(1)), Refusal)
    assert membership(world, world.sam).state == MembershipState.ACTIVE


def test_secret_of_an_invitation_is_not_kept(world: World) -> None:
    secret = invited(world)
    assert secret not in Invitation.objects.get().secret_hash


def test_invitation_for_an_address_is_for_nobody_else(world: World) -> None:
    secret = invited(world, "Sam.Stone@moothall.example")
    assert isinstance(join_by_invitation(secret, person("Lou").id, Application(1)), Refusal)
    assert isinstance(join_by_invitation(secret, world.sam.id, Application(1)), Membership)


def test_invitation_is_for_any_address_that_one_has_proved(world: World) -> None:
    issued = invite(world.group.id, by_id=world.olga.id, address="Sam@Work.example")
    assert isinstance(issued, Issued)
    EmailAddress.objects.create(user=world.sam.user, email="sam@work.example", verified=False)
    assert isinstance(join_by_invitation(issued.secret, world.sam.id, Application(1)), Refusal)
    EmailAddress.objects.update(verified=True)
    assert isinstance(join_by_invitation(issued.secret, world.sam.id, Application(1)), Membership)


def test_withdrawn_and_old_invitations_open_nothing(world: World) -> None:
    withdrawn, old = invited(world), invited(world)
    newest_first = list(Invitation.objects.order_by("-id"))
    withdraw(world.group.id, newest_first[1].id, by_id=world.olga.id)
    Invitation.objects.filter(id=newest_first[0].id).update(expires_at=now() - timedelta(seconds=1))
    assert find_open(withdrawn) is None
    assert isinstance(join_by_invitation(old, world.sam.id, Application(1)), Refusal)


def test_member_may_not_invite(world: World) -> None:
    assert isinstance(invite(world.group.id, by_id=world.mia.id), Refusal)


def test_banned_person_is_kept_out_by_every_door(world: World) -> None:
    secret = invited(world)
    assert ban(world.group.id, membership(world, world.mia).id, reason="Sold ladders", by_id=world.mo.id) is None
    assert isinstance(join(world.group.id, world.mia.id, Application(1)), Refusal)
    assert isinstance(join_by_invitation(secret, world.mia.id, Application(1)), Refusal)
    assert isinstance(leave(world.group.id, world.mia.id), Refusal)
    assert find_open(secret) is not None


def test_whom_a_group_is_closed_to_leaves_no_way_in_open(world: World) -> None:
    by_mo = invited(world)
    by_olga = invite(world.group.id, by_id=world.olga.id)
    assert isinstance(by_olga, Issued)
    assert ban(world.group.id, membership(world, world.mo).id, reason="Sold ladders", by_id=world.olga.id) is None
    assert isinstance(join_by_invitation(by_mo, world.sam.id, Application(1)), Refusal)
    assert isinstance(join_by_invitation(by_olga.secret, world.sam.id, Application(1)), Membership)


def test_lifted_ban_lets_a_person_join_as_others_do(world: World) -> None:
    ban(world.group.id, membership(world, world.mia).id, reason="Sold ladders", by_id=world.mo.id)
    lift(world.group.id, membership(world, world.mia).id, by_id=world.mo.id)
    assert not access(world.group, world.mia).is_member
    assert isinstance(join(world.group.id, world.mia.id, Application(1)), Membership)


@pytest.mark.parametrize(
    ("who", "whom", "reason"),
    [("mo", "olga", "x"), ("mo", "mo", "x"), ("mia", "nils", "x"), ("sam", "nils", "x"), ("mo", "nils", " ")],
)
def test_bans_that_may_not_be(world: World, who: str, whom: str, reason: str) -> None:
    target = membership(world, world.persona(whom))
    answer = ban(world.group.id, target.id, reason=reason, by_id=world.persona(who).id)
    assert isinstance(answer, Refusal)
    assert membership(world, world.persona(whom)).state == MembershipState.ACTIVE


def test_moderator_is_banned_by_the_owner_alone(world: World) -> None:
    make_moderator(world.group.id, membership(world, world.mia).id, by_id=world.olga.id)
    mia = membership(world, world.mia)
    assert isinstance(ban(world.group.id, mia.id, reason="x", by_id=world.mo.id), Refusal)
    assert ban(world.group.id, mia.id, reason="x", by_id=world.olga.id) is None
    assert membership(world, world.mia).role == Role.MEMBER


def test_owner_makes_moderators_and_members(world: World) -> None:
    mia = membership(world, world.mia)
    assert isinstance(make_moderator(world.group.id, mia.id, by_id=world.mo.id), Refusal)
    assert make_moderator(world.group.id, mia.id, by_id=world.olga.id) is None
    assert isinstance(make_moderator(world.group.id, mia.id, by_id=world.olga.id), Refusal)
    assert make_member(world.group.id, mia.id, by_id=world.olga.id) is None


def test_owner_hands_over_before_leaving(world: World) -> None:
    assert isinstance(leave(world.group.id, world.olga.id), Refusal)
    assert leave(world.group.id, world.mo.id) is None
    there = membership(world, world.mo)
    assert (there.state, there.role) == (MembershipState.LEFT, Role.MEMBER)


def test_whom_a_group_is_closed_to_under_their_old_name_comes_in_by_no_door(world: World) -> None:
    old = Profile.objects.create(
        state=ProfileState.PLACEHOLDER, handle="old-hand", name="Old Hand", claim_address="hand@old-list.example"
    )
    known = Membership.objects.create(group=world.group, profile=old)
    assert ban(world.group.id, known.id, reason="Sold ladders", by_id=world.mo.id) is None
    secret = invited(world)
    EmailAddress.objects.create(user=world.sam.user, email="hand@old-list.example", verified=True)
    assert join(world.group.id, world.sam.id, Application(1)) == BANNED
    assert join_by_invitation(secret, world.sam.id, Application(1)) == BANNED
    assert lift(world.group.id, known.id, by_id=world.mo.id) is None
    assert isinstance(join_by_invitation(secret, world.sam.id, Application(1)), Membership)
