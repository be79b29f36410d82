"""The mail that invites somebody into a group: who asks, what the group is about, and how never to get another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.conf import settings
from django.urls import reverse

from moothall.groups.invite import open_with_ids
from moothall.groups.invite_by_mail import THING, mailed_secret, stop_invitations_token, uninvited
from moothall.groups.models import Invitation, Membership, MembershipState
from moothall.mailer.addresses import owner_address
from moothall.mailer.mail import Dropped, Mail
from moothall.mailer.models import OutboundMessage
from moothall.notifications.letterhead import absolute, from_site, write


def prepare_invitations(rows: Sequence[OutboundMessage]) -> dict[int, Mail | Dropped]:
    found = open_with_ids([_invitation_id(row) for row in rows])
    unwanted = uninvited([invitation.address for invitation in found.values()])
    managing, known = _people(found.values())
    prepared: dict[int, Mail | Dropped] = {}
    for row in rows:
        invitation = found.get(_invitation_id(row))
        if invitation is None or (invitation.group_id, invitation.invited_by_id) not in managing:
            prepared[row.id] = Dropped("The invitation is no longer open.")
        elif invitation.address in unwanted:
            prepared[row.id] = Dropped("Asked not to be invited.")
        elif (invitation.group_id, invitation.address) in known:
            prepared[row.id] = Dropped("The group knows this person already.")
        else:
            prepared[row.id] = _mail(row, invitation)
    return prepared


def _people(invitations: Iterable[Invitation]) -> tuple[set[tuple[int, int]], set[tuple[int, str]]]:
    """Who keeps these groups, and which addresses take part there, ask to, or are banned."""
    groups = {invitation.group_id for invitation in invitations}
    addresses = {invitation.address for invitation in invitations}
    inviters = {invitation.invited_by_id for invitation in invitations}
    there = Membership.objects.filter(group__in=groups).exclude(state=MembershipState.LEFT)
    managing = there.managers().filter(profile__in=inviters)
    known = there.filter(profile__user__email__in=addresses)
    return (
        set(managing.values_list("group_id", "profile_id")),
        set(known.values_list("group_id", "profile__user__email")),
    )


def _mail(row: OutboundMessage, invitation: Invitation) -> Mail:
    stop_url = absolute(reverse("invitations_stop", args=[stop_invitations_token(invitation.address)]))
    values = {
        "inviter": invitation.invited_by,
        "group": invitation.group,
        "site_name": settings.SITE_NAME,
        "url": absolute(reverse("invitation", args=[mailed_secret(invitation.id)])),
        "expires_at": invitation.expires_at,
        "stop_url": stop_url,
    }
    subject = f"{invitation.invited_by.name} invites you to {invitation.group.name}"
    mail = from_site(
        row,
        write("invitation", values).for_one(),
        address=invitation.address,
        subject=subject,
        stop_url=stop_url,
        by=invitation.invited_by.name,
    )
    # Whoever asks who that is, or what the group is about, asks those who keep it.
    return replace(mail, reply_to=owner_address(invitation.group.slug))


def _invitation_id(row: OutboundMessage) -> int:
    return int(row.thing.removeprefix(THING))
