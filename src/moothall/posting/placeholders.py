"""Authors known only from imported mail: members without a log-in, who can claim their posts by proving the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from django.db import transaction
from django.utils.text import slugify

from moothall.core.text import clean
from moothall.groups.models import Group, Membership
from moothall.members.models import NAME_LENGTH, Profile, ProfileState

ADDRESS_LENGTH = 254
HANDLE_LENGTH = 90
UNKNOWN = "Unknown sender"


@dataclass(frozen=True, slots=True)
class Sender:
    name: str
    address: str
    wrote_at: datetime

    @classmethod
    def of(cls, name: str, address: str | None, wrote_at: datetime) -> Sender:
        """A sender without a usable address gets one that nobody can prove (RFC 2606's .invalid)."""
        shown = " ".join(clean(name).split())
        if not address or len(address) > ADDRESS_LENGTH:
            address = f"{sha256(shown.encode()).hexdigest()[:16]}@unknown.invalid"
            shown = shown or UNKNOWN
        return cls((shown or address.partition("@")[0])[:NAME_LENGTH], address.lower(), wrote_at)


@dataclass(frozen=True, slots=True)
class Authors:
    """Profile ids by address, and how many of them are new members of the group."""

    ids: Mapping[str, int]
    created: int


@transaction.atomic
def placeholders(group: Group, senders: Sequence[Sender]) -> Authors:
    """Finds or makes a placeholder for each address, as a member of the group."""
    first_seen = {s.address: s for s in reversed(senders)}
    _create_missing(first_seen)
    ids = dict(
        Profile.objects.filter(state=ProfileState.PLACEHOLDER, claim_address__in=first_seen).values_list(
            "claim_address", "id"
        )
    )
    present = set(Membership.objects.filter(group=group, profile__in=ids.values()).values_list("profile_id", flat=True))
    joining = [
        Membership(group=group, profile_id=profile, joined_at=first_seen[address].wrote_at)
        for address, profile in ids.items()
        if profile not in present
    ]
    Membership.objects.bulk_create(joining, ignore_conflicts=True)
    return Authors(ids, len(joining))


def _create_missing(senders: Mapping[str, Sender]) -> None:
    known = set(
        Profile.objects.filter(state=ProfileState.PLACEHOLDER, claim_address__in=senders).values_list(
            "claim_address", flat=True
        )
    )
    Profile.objects.bulk_create(
        [
            Profile(
                state=ProfileState.PLACEHOLDER,
                handle=_handle(sender),
                name=sender.name,
                claim_address=sender.address,
                created_at=sender.wrote_at,
            )
            for address, sender in senders.items()
            if address not in known
        ],
        ignore_conflicts=True,
    )


def _handle(sender: Sender) -> str:
    """Readable, and unique by a random mark: one made from the address could be used to guess it."""
    return f"{slugify(sender.name)[: HANDLE_LENGTH - 9] or 'member'}-{token_hex(4)}"
