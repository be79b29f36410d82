"""The mail of one digest: what was chosen, as far as it may still be mailed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache

from moothall.discussions.models import Lane
from moothall.groups.models import MailChoice
from moothall.mailer.addresses import mail_domain, post_address, unsubscribe_address
from moothall.mailer.mail import Dropped, Head, Mail
from moothall.mailer.models import OutboundMessage
from moothall.notifications.digest_items import Item, Numbers, forget_dropped, items, numbers
from moothall.notifications.letterhead import Foot, Written, foot, group_url, list_head, stop_url, write
from moothall.notifications.models import Digest
from moothall.notifications.quiet import zone_of
from moothall.notifications.recipients import Addressee, Addressees, addressees, refusal

# Rows come group by group, and what was chosen differs by what people know and asked for.
CONTENTS_KEPT = 128
Key = tuple[int, int, str, str]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """What a digest says to everybody for whom the same was chosen."""

    group: str
    group_url: str
    period: str
    counted: Numbers
    asked: tuple[Item, ...]
    sections: tuple[Section, ...]
    left_out: str
    foot: Foot


@dataclass(frozen=True, slots=True)
class _Batch:
    digests: Mapping[Key, Digest]
    wanted: Sequence[Digest]
    readers: Addressees
    items: Mapping[int, Item]
    numbers: Mapping[tuple[int, datetime, datetime], Numbers]


def prepare_digests(rows: Sequence[OutboundMessage]) -> dict[int, Mail | Dropped]:
    batch = _gather(rows)
    prepared = {row.id: _prepared(row, batch) for row in rows}
    forget_dropped(batch.wanted, batch.items)
    return prepared


def _key(row: OutboundMessage) -> Key:
    _, group, every, day = row.thing.split(":")
    return row.profile_id, int(group), every, day


def _gather(rows: Sequence[OutboundMessage]) -> _Batch:
    keys = [_key(row) for row in rows]
    days = [datetime.fromisoformat(f"{key[3]}T00:00:00+00:00") for key in keys]
    profiles, groups = {key[0] for key in keys}, {key[1] for key in keys}
    found = Digest.objects.filter(
        profile__in=profiles,
        group__in=groups,
        # A day on somebody's own clock begins up to 14 hours before or after UTC's.
        until__range=(min(days) - timedelta(hours=14), max(days) + timedelta(hours=38)),
    ).select_related("profile__user")
    digests = {key_of(digest): digest for digest in found}
    wanted = [digests[key] for key in keys if key in digests]
    return _Batch(
        digests=digests,
        wanted=wanted,
        readers=addressees(profiles, groups),
        items=items({topic for digest in wanted for topic in digest.topics}),
        numbers=numbers({(digest.group_id, digest.since, digest.until) for digest in wanted}),
    )


def key_of(digest: Digest) -> Key:
    """The day is that of the clock by which the window was built, wherever the member has gone since."""
    user = digest.profile.user
    day = digest.named_on or digest.until.astimezone(zone_of(user.time_zone if user else "UTC"))
    return digest.profile_id, digest.group_id, digest.every, f"{day:%Y-%m-%d}"


def _prepared(row: OutboundMessage, batch: _Batch) -> Mail | Dropped:
    key = _key(row)
    digest = batch.digests.get(key)
    reader = batch.readers.get(key[:2])
    no = refusal(reader)
    if no is not None or reader is None:
        return no or Dropped("No longer a member.")
    if digest is None:
        return Dropped("The window was built by another clock.")
    lanes = {lane for lane in Lane if reader.mail_of(lane) == digest.every}
    chosen = [batch.items[id_] for id_ in digest.topics if id_ in batch.items]
    shown = [item for item in chosen if item.lane in lanes]
    if not lanes:
        return Dropped("No longer wanted at this pace.")
    if not shown:
        return Dropped("Nothing in it may be mailed any more.", is_spared=not chosen)
    counted = batch.numbers[digest.group_id, digest.since, digest.until]
    return _mail(row, digest, reader, shown, counted)


def _mail(row: OutboundMessage, digest: Digest, reader: Addressee, shown: Sequence[Item], counted: Numbers) -> Mail:
    group = reader.group
    lead_lane = Lane.DISCUSSIONS if reader.mail_of(Lane.DISCUSSIONS) == digest.every else shown[0].lane
    asked = tuple(item for item in shown if item.topic_id in digest.asked)
    content = Content(
        group=group.name,
        group_url=group_url(group),
        period=period_of(digest, reader.time_zone),
        counted=counted,
        asked=asked,
        sections=sections_of(shown, asked),
        left_out=_left_out(reader, counted),
        foot=foot(reader, lead_lane, lead_lane.label),
    )
    lanes = [lane for lane in Lane if reader.mail_of(lane) == digest.every]
    way_out = stop_url(reader, digest.every if len(lanes) > 1 else lead_lane)
    body = written(content).own(way_out, _why(reader, digest))
    lead = asked[0] if asked else shown[0]
    week = "week" if digest.every == MailChoice.WEEKLY else "day"
    return Mail(
        address=reader.address,
        head=Head(
            from_name=group.name,
            from_address=post_address(group.slug, lead_lane),
            subject=f"{group.name}, your {week}: {lead.title}",
            archived_at=content.group_url,
            list_head=list_head(group, lead_lane),
        ),
        text=body.text,
        html=body.html,
        message_id=f"digest-{row.id}@{mail_domain()}",
        stop_url=way_out,
        stop_address=unsubscribe_address(group.slug, reader.profile_id),
    )


@lru_cache(maxsize=CONTENTS_KEPT)
def written(content: Content) -> Written:
    values = {each.name: getattr(content, each.name) for each in fields(content)}
    return write("digest", values)


def period_of(digest: Digest, zone: str) -> str:
    until = digest.until.astimezone(zone_of(zone))
    return f"{'week' if digest.every == MailChoice.WEEKLY else 'day'} to {until:%A} {until.day} {until:%B}"


def sections_of(shown: Sequence[Item], asked: Sequence[Item]) -> tuple[Section, ...]:
    rest = [item for item in shown if item not in asked]
    talk = [item for item in rest if item.lane == Lane.DISCUSSIONS]
    parts = [
        ("Waiting for an answer", [item for item in talk if item.is_waiting]),
        ("Most talked about", [item for item in talk if not item.is_waiting]),
        ("Promotions, as you asked", [item for item in rest if item.lane == Lane.PROMOTIONS]),
        ("Jobs, as you asked", [item for item in rest if item.lane == Lane.JOBS]),
    ]
    return tuple(Section(title, tuple(some)) for title, some in parts if some)


def _left_out(reader: Addressee, counted: Numbers) -> str:
    """A sentence about what was not asked for; nothing when there is nothing."""
    kept = []
    if counted.promotions and reader.mail_of(Lane.PROMOTIONS) == MailChoice.NONE:
        kept.append((counted.promotions, "promotion"))
    if counted.jobs and reader.mail_of(Lane.JOBS) == MailChoice.NONE:
        kept.append((counted.jobs, "job"))
    what = " and ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in kept)
    if sum(count for count, _ in kept) == 1:
        return f"{what} stands on a page of its own. You have not asked for it, so it is not here."
    return f"{what} stand on pages of their own. You have not asked for them, so they are not here." if kept else ""


def _why(reader: Addressee, digest: Digest) -> str:
    chosen = f" and chose {digest.every} mail on {_day(reader.mail_chosen_at)}" if reader.mail_chosen_at else ""
    span = "week" if digest.every == MailChoice.WEEKLY else "day"
    return f"You get this because you joined {reader.group.name}{chosen}. In a {span} without talk we send nothing."


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B}"
