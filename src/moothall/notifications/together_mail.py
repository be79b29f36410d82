"""One mail for the digests of all of a member's groups, for those who like that better than one from each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from moothall.discussions.models import Lane
from moothall.groups.models import Group, MailChoice
from moothall.mailer.mail import Dropped, Mail
from moothall.mailer.models import OutboundMessage
from moothall.mailer.queueing import queued
from moothall.notifications.choosing import OfGroup, together
from moothall.notifications.digest_items import Item, forget_dropped, items
from moothall.notifications.digest_mail import key_of, period_of
from moothall.notifications.letterhead import (
    OWN_REASON,
    OWN_STOP_URL,
    absolute,
    everywhere_url,
    from_site,
    group_url,
    write,
)
from moothall.notifications.models import Digest
from moothall.notifications.recipients import Addressee, Addressees, addressees, refusal

WHY = (
    "You get this because you chose one mail for all your groups, and {every} mail from these. "
    "When nobody talked we send nothing."
)


@dataclass(frozen=True, slots=True)
class Part:
    """What one group has in the mail; `items` without those that ask for what the reader knows."""

    group: Group
    url: str
    asked: tuple[Item, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    """One digest, as far as it may be mailed to its reader now."""

    digest: Digest
    reader: Addressee
    items: tuple[Item, ...]

    def of_group(self) -> OfGroup:
        talk = [item for item in self.items if item.lane == Lane.DISCUSSIONS and item.topic_id not in self.digest.asked]
        return OfGroup(
            asked=tuple(item.topic_id for item in self.items if item.topic_id in self.digest.asked),
            waiting=tuple(item.topic_id for item in talk if item.is_waiting),
            talk=tuple(item.topic_id for item in talk if not item.is_waiting),
            side=tuple(item.topic_id for item in self.items if item.lane != Lane.DISCUSSIONS),
        )

    def part(self, kept: frozenset[int]) -> Part:
        shown = [item for item in self.items if item.topic_id in kept]
        return Part(
            group=self.reader.group,
            url=group_url(self.reader.group),
            asked=tuple(item for item in shown if item.topic_id in self.digest.asked),
            items=tuple(item for item in shown if item.topic_id not in self.digest.asked),
        )


def prepare_together(rows: Sequence[OutboundMessage]) -> dict[int, Mail | Dropped]:
    digests = _digests(rows)
    every = [digest for some in digests.values() for digest in some]
    there = addressees({digest.profile_id for digest in every}, {digest.group_id for digest in every})
    fit = items({topic for digest in every for topic in digest.topics})
    prepared = {row.id: _prepared(row, digests.get(_key(row), ()), there, fit) for row in rows}
    forget_dropped(every, fit)
    return prepared


def _key(row: OutboundMessage) -> tuple[int, str, str]:
    _, every, day = row.thing.split(":")
    return row.profile_id, every, day


def _digests(rows: Sequence[OutboundMessage]) -> Mapping[tuple[int, str, str], Sequence[Digest]]:
    """Without those that have a mail of their own, since their reader chose otherwise when they were built."""
    keys = {_key(row) for row in rows}
    days = [datetime.fromisoformat(f"{day}T00:00:00+00:00") for _, _, day in keys]
    found = Digest.objects.filter(
        profile__in={profile for profile, _, _ in keys},
        until__range=(min(days) - timedelta(hours=14), max(days) + timedelta(hours=38)),
    ).select_related("profile__user")
    by_own_mail = {_own_mail(digest): digest for digest in found.order_by("group__name")}
    alone = queued(by_own_mail)
    by_key: defaultdict[tuple[int, str, str], list[Digest]] = defaultdict(list)
    for own_mail, digest in by_own_mail.items():
        profile, _, every, day = key_of(digest)
        if own_mail not in alone:
            by_key[profile, every, day].append(digest)
    return by_key


def _own_mail(digest: Digest) -> tuple[int, str]:
    """Whose it is, and the mail that it would have by itself."""
    profile, group, every, day = key_of(digest)
    return profile, f"digest:{group}:{every}:{day}"


def _prepared(
    row: OutboundMessage, digests: Sequence[Digest], there: Addressees, fit: Mapping[int, Item]
) -> Mail | Dropped:
    shown = []
    refused: Dropped | None = None
    for digest in digests:
        reader = there.get((digest.profile_id, digest.group_id))
        refused = refusal(reader) or refused
        if reader is None or refusal(reader) is not None:
            continue
        lanes = {lane for lane in Lane if reader.mail_of(lane) == digest.every}
        found = tuple(fit[id_] for id_ in digest.topics if id_ in fit and fit[id_].lane in lanes)
        if found:
            shown.append(_Shown(digest, reader, found))
    if not shown:
        is_spared = bool(digests) and not any(id_ in fit for digest in digests for id_ in digest.topics)
        return refused or Dropped("Nothing in it may be mailed any more.", is_spared=is_spared)
    return _mail(row, shown)


def _mail(row: OutboundMessage, shown: Sequence[_Shown]) -> Mail:
    kept = together([each.of_group() for each in shown])
    parts = [part for each in shown if (part := each.part(kept)).asked or part.items]
    first = shown[0]
    every = MailChoice(first.digest.every)
    stop_url = everywhere_url(row.profile_id, every)
    week = "week" if every == MailChoice.WEEKLY else "day"
    values = {
        "period": period_of(first.digest, first.reader.time_zone),
        "parts": parts,
        "count": sum(len(part.asked) + len(part.items) for part in parts),
        "every": every.label.lower(),
        "settings_url": absolute(reverse("account_mail")),
        "stop": {"url": OWN_STOP_URL, "why": OWN_REASON},
    }
    body = write("together", values).own(stop_url, WHY.format(every=every.label.lower()))
    lead = next((part.asked[0] for part in parts if part.asked), None) or parts[0].items[0]
    subject = f"Your {week} in {len(parts)} group{'s' if len(parts) != 1 else ''}: {lead.title}"
    return from_site(row, body, address=first.reader.address, subject=subject, stop_url=stop_url)
