"""What every mail of a group has around it: addresses, links, the reader's choice and the way out."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from moothall.groups.models import Group, Membership
from moothall.mailer.addresses import owner_address, post_address, stop_token, unsubscribe_address
from moothall.mailer.mail import ListHead


@dataclass(frozen=True, slots=True)
class Foot:
    """The end of each mail. `stop_url` opens a page; nothing changes before a button is pressed there."""

    group: Group
    membership: Membership
    lane: str
    lane_name: str
    choice_name: str
    stop_url: str
    settings_url: str
    owner: str


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def group_url(group: Group) -> str:
    return absolute(reverse("group", args=[group.slug]))


def topic_url(group: Group, topic_id: int) -> str:
    return absolute(reverse("topic", args=[group.slug, topic_id]))


def stop_url(membership: Membership, lane: str) -> str:
    return absolute(reverse("mail_stop", args=[stop_token(membership.profile_id, membership.group_id, lane)]))


def list_head(membership: Membership, lane: str) -> ListHead:
    group = membership.group
    return ListHead(
        name=group.name,
        slug=group.slug,
        post=post_address(group.slug, lane),
        owner=owner_address(group.slug),
        archive_url=group_url(group),
        help_url=absolute(reverse("group_about", args=[group.slug])),
        stop_url=stop_url(membership, lane),
        stop_address=unsubscribe_address(group.slug, membership.profile_id),
    )


def foot(membership: Membership, lane: str, lane_name: str) -> Foot:
    return Foot(
        group=membership.group,
        membership=membership,
        lane=lane,
        lane_name=lane_name,
        choice_name=membership.mail_of(lane).label.lower(),
        stop_url=stop_url(membership, lane),
        settings_url=absolute(reverse("account_mail")),
        owner=owner_address(membership.group.slug),
    )
