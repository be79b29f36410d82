from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from moothall.accounts.addresses import proved_addresses
from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.groups.authority import NOT_A_MANAGER, is_manager, lock
from moothall.groups.models import Group, Invitation
from moothall.groups.refusal import Refusal
from moothall.members.models import Profile

LIFETIME = timedelta(days=14)
MOST_OPEN = 200


@dataclass(frozen=True, slots=True)
class Issued:
    """The secret is told this once; only its hash is kept."""

    invitation: Invitation
    secret: str


def invite(group_id: int, *, by_id: int, address: str = "") -> Issued | Refusal:
    """A link that lets one person in within 14 days; with an address, only whoever logs in with it."""
    with transaction.atomic():
        group = lock(group_id)
        if not is_manager(group, by_id):
            return NOT_A_MANAGER
        if open_invitations(group_id).count() >= MOST_OPEN:
            return Refusal(f"{MOST_OPEN} invitations are open. Take some back first.")
        secret = secrets.token_urlsafe(24)
        invitation = Invitation.objects.create(
            group=group,
            invited_by_id=by_id,
            address=address.strip().lower(),
            secret_hash=hashed(secret),
            expires_at=now() + LIFETIME,
        )
    return Issued(invitation, secret)


def withdraw(group_id: int, invitation_id: int, *, by_id: int) -> Refusal | None:
    with transaction.atomic():
        if not is_manager(lock(group_id), by_id):
            return NOT_A_MANAGER
        if not open_invitations(group_id).filter(id=invitation_id).update(withdrawn_at=now()):
            return Refusal("That invitation is no longer open.")
    return None


def open_invitations(group_id: int) -> QuerySet[Invitation]:
    return _open().filter(group_id=group_id)


def open_with_ids(ids: Collection[int]) -> dict[int, Invitation]:
    found = _open().filter(id__in=ids, group__closed_at=None)
    return {invitation.id: invitation for invitation in found.select_related("group", "invited_by")}


def find_open(secret: str) -> Invitation | None:
    found = _open().filter(secret_hash=hashed(secret), group__closed_at=None)
    return found.select_related("group", "invited_by").first()


def group_entered(secret: str, person: Profile) -> Group | None:
    """Where this person came in by that link before, as whoever presses a button twice; None where they find no group
    any more."""
    used = Invitation.objects.filter(secret_hash=hashed(secret), accepted_by=person)
    return Group.objects.findable_by(person).filter(id__in=used.values("group")).first()


def spend(invitation: Invitation, profile_id: int) -> Refusal | None:
    """Use it up. Of two who try at once, one gets in."""
    if invitation.address and not _is_theirs(invitation.address, profile_id):
        return Refusal(
            f"This invitation is for {invitation.address}. Add that address to your account, or ask for an invitation "
            "to yours."
        )
    spent = _open().filter(id=invitation.id).update(accepted_at=now(), accepted_by_id=profile_id)
    return None if spent else Refusal("This invitation has just been used. Ask for a new one.")


def _is_theirs(address: str, profile_id: int) -> bool:
    """One logs in with any address that one has proved."""
    user = User.objects.filter(profile=profile_id).first()
    return user is not None and address in (user.email, *proved_addresses(user))


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now())


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
