from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from moothall.accounts.addresses import proved_addresses
from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.groups.authority import lock, membership_of
from moothall.groups.invite import find_open, spend
from moothall.groups.models import Group, Joining, Membership, MembershipState, Role
from moothall.groups.refusal import Refusal
from moothall.members.models import ProfileState

BANNED = Refusal("The managers of this group have closed it to you.")
CLOSED = Refusal("This group is closed.")


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody brings who wants to join: the edition of the rules they accepted, and an answer."""

    rules_edition: int = 0
    answer: str = ""


def join(group_id: int, profile_id: int, application: Application) -> Membership | Refusal:
    """Join an open group, or ask to. Asking twice changes nothing."""
    with transaction.atomic():
        group = lock(group_id)
        there = membership_of(group, profile_id)
        if refusal := _refusal(group, there, profile_id):
            return refusal
        if there is not None and _is_settled(group, there):
            return there
        if group.joining == Joining.INVITATION:
            return Refusal("This group is joined by invitation. Ask somebody in it for one.")
        if group.joining == Joining.OPEN:
            return _enter(group, profile_id, MembershipState.ACTIVE, application)
        if group.join_question and not application.answer.strip():
            return Refusal("Please answer the group’s question; a manager reads it.", "answer")
        return _enter(group, profile_id, MembershipState.PENDING, application)


def join_by_invitation(secret: str, profile_id: int, application: Application) -> Membership | Refusal:
    """Join with a secret link; whoever was asked in needs nobody's yes."""
    with transaction.atomic():
        invitation = find_open(secret)
        if invitation is None:
            return Refusal("This invitation has been used, was taken back or is too old. Ask for a new one.")
        group = lock(invitation.group_id)
        there = membership_of(group, profile_id)
        if refusal := _refusal(group, there, profile_id):
            return refusal
        if there is not None and there.state == MembershipState.ACTIVE:
            return there
        if refusal := spend(invitation, profile_id):
            return refusal
        return _enter(group, profile_id, MembershipState.ACTIVE, application)


def _refusal(group: Group, there: Membership | None, profile_id: int) -> Refusal | None:
    if group.closed_at is not None:
        return CLOSED
    is_banned = there is not None and there.state == MembershipState.BANNED
    return BANNED if is_banned or _is_closed_to_old_name(group, profile_id) else None


def _is_closed_to_old_name(group: Group, profile_id: int) -> bool:
    """To somebody of an imported list whose address this person has proved, whether they claimed its posts or not."""
    closed = group.memberships.filter(state=MembershipState.BANNED, profile__state=ProfileState.PLACEHOLDER)
    user = User.objects.filter(profile=profile_id).first()
    return user is not None and closed.filter(profile__claim_address__in=proved_addresses(user)).exists()


def _is_settled(group: Group, there: Membership) -> bool:
    """A member, or somebody who waits, unless the group has been opened to everybody since."""
    waits = there.state == MembershipState.PENDING and group.joining != Joining.OPEN
    return waits or there.state == MembershipState.ACTIVE


def _enter(group: Group, profile_id: int, state: MembershipState, application: Application) -> Membership:
    """A row for somebody new; for somebody who was here before, theirs, as good as new but for its standing."""
    membership, _ = Membership.objects.update_or_create(
        group=group,
        profile_id=profile_id,
        defaults={
            "state": state,
            "role": Role.MEMBER,
            "answer": application.answer.strip(),
            "rules_edition": application.rules_edition,
            "rules_accepted_at": now(),
            "joined_at": now(),
            "refused_at": None,
        },
    )
    return membership
