"""Invitations that the site mails itself. Whoever gets one can ask never to be sent another, from any group."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from procrastinate.contrib.django import app

from moothall.core.clock import now
from moothall.groups.invite import Issued, hashed, invite
from moothall.groups.models import Invitation, UninvitedAddress
from moothall.groups.refusal import Refusal
from moothall.mailer.queueing import Waiting, queue

# For a group, and for a manager in all their groups together: strangers are written to one by one, not by the list.
MAILED_A_DAY = 20
THING = "invitation:"
# It stands for whoever is written to without being anybody here: a bounce then asks nobody else's address.
NOBODY = 0
_SECRET = "moothall.groups.invite_by_mail secret"  # noqa: S105 - the purpose that a key is for, no secret
_STOP = "moothall.groups.invite_by_mail stop"
_KEPT = "moothall.groups.invite_by_mail kept"


@transaction.atomic
def invite_by_mail(group_id: int, *, by_id: int, address: str) -> Issued | Refusal:
    """Each address is mailed once for a group. The answer is the same whoever has the address, or nobody."""
    answer = invite(group_id, by_id=by_id, address=address)
    if isinstance(answer, Refusal):
        return answer
    invitation = answer.invitation
    refusal = _too_many(invitation)
    if refusal is not None:
        transaction.set_rollback(True)
        return refusal
    secret = mailed_secret(invitation.id)
    invitation.secret_hash, invitation.mailed_at = hashed(secret), now()
    invitation.save(update_fields=["secret_hash", "mailed_at"])
    queue([Waiting(NOBODY, f"{THING}{invitation.id}", now(), invitation.address)])
    # By its name: what is in the mail is written in a room above.
    app.configure_task("send_mail").defer()
    return Issued(invitation, secret)


def _too_many(invitation: Invitation) -> Refusal | None:
    mailed = Invitation.objects.exclude(mailed_at=None)
    if mailed.filter(group=invitation.group_id, address=invitation.address).exists():
        return Refusal(
            "This group has mailed an invitation to that address before. Make a link and send it yourself.", "address"
        )
    here = Q(group=invitation.group_id) | Q(invited_by=invitation.invited_by_id)
    if mailed.filter(here, mailed_at__gt=now() - timedelta(days=1)).count() >= MAILED_A_DAY:
        return Refusal(
            f"{MAILED_A_DAY} invitations were mailed in 24 hours, which is as many as fit. Make a link instead."
        )
    return None


def mailed_secret(invitation_id: int) -> str:
    """Known again when the mail is written, so that it need not be kept: it follows from the site's key."""
    mac = salted_hmac(_SECRET, str(invitation_id), algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac[:24]).decode()


def stop_invitations_token(address: str) -> str:
    """For the address that a mail went to; it never expires, and does not tell the address."""
    return Signer(salt=_STOP).sign(_sha256(address))


def read_stop_invitations_token(token: str) -> str | None:
    """The SHA-256 of the address, for `stop_invitations`; None when we did not make this token."""
    try:
        return Signer(salt=_STOP).unsign(token)
    except BadSignature:
        return None


def stop_invitations(sha256: str) -> None:
    UninvitedAddress.objects.get_or_create(address_hash=keyed(sha256))


def uninvited(addresses: list[str]) -> set[str]:
    """Those of the addresses that asked not to be invited."""
    by_hash = {keyed(_sha256(address)): address for address in addresses}
    found = UninvitedAddress.objects.filter(address_hash__in=by_hash).values_list("address_hash", flat=True)
    return {by_hash[each] for each in found}


def keyed(sha256: str) -> str:
    """As it is kept: whoever has the table alone can't try addresses out."""
    return salted_hmac(_KEPT, sha256, algorithm="sha256").hexdigest()


def _sha256(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode(errors="surrogatepass")).hexdigest()
