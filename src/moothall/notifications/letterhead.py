"""What every mail of a group has around it: addresses, links, the reader's choice and the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape

from moothall.groups.models import Group
from moothall.mailer.addresses import mail_domain, owner_address, post_address, stop_token
from moothall.mailer.mail import Head, ListHead, Mail, Part
from moothall.mailer.models import OutboundMessage
from moothall.notifications.recipients import Addressee
from moothall.notifications.wrapping import wrapped

# They stand for what only this reader's mail says where a mail is written once for many. Nobody's words hold a NUL,
# since PostgreSQL keeps none.
OWN_STOP_URL = "\x00stop\x00"
OWN_REASON = "\x00why\x00"
_OWN = re.compile(f"({OWN_STOP_URL}|{OWN_REASON})")
_PATHS_KEPT = 1024
_PIECES_KEPT = 64
_ANY_TOKEN = "any-token"  # noqa: S105 - the place of one


@dataclass(frozen=True, slots=True)
class Foot:
    """The end of each mail. `stop_url` opens a page; nothing changes before a button is pressed there."""

    lane: str
    lane_name: str
    choice_name: str
    settings_url: str
    owner: str
    stop_url: str = OWN_STOP_URL
    why: str = OWN_REASON


@dataclass(frozen=True, slots=True)
class Body:
    """Both parts of a mail as one reader gets it."""

    text: Part
    html: Part


@dataclass(frozen=True, slots=True)
class Written:
    """Both parts of a mail as all its readers get it."""

    text: str
    html: str

    def own(self, stop_url: str, why: str) -> Body:
        """For one reader; `why` is a sentence."""
        return Body(
            _filled(self.text, {OWN_STOP_URL: stop_url, OWN_REASON: _wrapped(why)}),
            _filled(self.html, {OWN_STOP_URL: escape(stop_url), OWN_REASON: escape(why)}),
        )

    def for_one(self) -> Body:
        """Where nothing in it stands for something else."""
        return Body(Part((self.text,)), Part((self.html,)))


_wrapped = lru_cache(maxsize=256)(wrapped)


def _filled(written: str, own: Mapping[str, str]) -> Part:
    shared, names = _pieces(written)
    return Part(shared, tuple(own[name] for name in names))


@lru_cache(maxsize=_PIECES_KEPT)
def _pieces(written: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands around the reader's own, and what stands for that."""
    split = _OWN.split(written)
    return tuple(split[::2]), tuple(split[1::2])


def write(name: str, values: Mapping[str, object]) -> Written:
    """Both parts of the mail of that name."""
    return Written(
        text=render_to_string(f"notifications/email/{name}.txt", dict(values)),
        html=render_to_string(f"notifications/email/{name}.html", dict(values)).strip(),
    )


def from_site(
    row: OutboundMessage, body: Body, *, address: str, subject: str, stop_url: str = "", by: str = ""
) -> Mail:
    """A mail of no one group, from the domain for which mails are signed; `by` is whoever has the site send it."""
    kind = row.thing.partition(":")[0]
    return Mail(
        address=address,
        head=Head(f"{by} via {settings.SITE_NAME}" if by else settings.SITE_NAME, f"moothall@{mail_domain()}", subject),
        text=body.text,
        html=body.html,
        message_id=f"{kind}-{row.id}@{mail_domain()}",
        stop_url=stop_url,
    )


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def group_url(group: Group) -> str:
    return absolute(_path("group", group.slug))


def topic_url(group: Group, topic_id: int) -> str:
    return absolute(_path("topic", group.slug, topic_id))


def stop_url(reader: Addressee, what: str) -> str:
    """`what` is a lane, `keeping`, or the pace of a digest of several lanes."""
    token = stop_token(reader.profile_id, reader.group.id, what)
    return absolute(_path("mail_stop", _ANY_TOKEN).replace(_ANY_TOKEN, token))


def list_head(group: Group, lane: str) -> ListHead:
    return ListHead(
        name=group.name,
        slug=group.slug,
        post=post_address(group.slug, lane),
        owner=owner_address(group.slug),
        archive_url=group_url(group),
        help_url=absolute(_path("group_about", group.slug)),
    )


def foot(reader: Addressee, lane: str, lane_name: str) -> Foot:
    return Foot(
        lane=lane,
        lane_name=lane_name,
        choice_name=reader.mail_of(lane).label.lower(),
        settings_url=absolute(_path("account_mail")),
        owner=owner_address(reader.group.slug),
    )


def everywhere_url(profile_id: int, what: str) -> str:
    """The way out of what comes from all groups: `what` is one of `mail_choice.EVERYWHERE`."""
    return absolute(reverse("mail_stop", args=[stop_token(profile_id, 0, what)]))


@lru_cache(maxsize=_PATHS_KEPT)
def _path(name: str, *args: str | int) -> str:
    return reverse(name, args=args)
