"""One page of a group's conversations, in one of three orders, from where the page before ended."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from moothall.discussions.models import Lane, Status, Topic, TopicRead
from moothall.groups.models import Group, Membership
from moothall.members.models import Profile

PAGE = 20
# Of the first i places at most ceil(i / 5) are paced.
PACED_EVERY = 5
# What a row shows and what its place depends on. A person's profile may be long, and each row names two people.
SHOWN = (
    *("group_id", "title", "kind", "lane", "created_at", "people_count", "reply_count", "thanked_count"),
    *("last_post_at", "rank_at", "is_paced", "is_unanswered", "author__name", "last_author__name"),
    *("answer__status", "answer__topic"),
)


class Order(StrEnum):
    BEST = "best"
    NEWEST = "newest"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class FeedRow:
    topic: Topic
    is_unread: bool


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """Published topics: by lane, and those of Discussions that nobody has answered."""

    lanes: Mapping[Lane, int]
    unanswered: int


@dataclass(frozen=True, slots=True)
class FeedPage:
    rows: Sequence[FeedRow]
    next_cursor: str
    counts: FeedCounts


@dataclass(frozen=True, slots=True)
class Key:
    """The last row seen of a stream: what follows is older, or as old with a smaller id."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has come in the two streams, and how many places were taken, by how many paced topics."""

    settled: Key | None = None
    paced: Key | None = None
    places: int = 0
    paced_places: int = 0


def feed_page(group: Group, lane: Lane, order: Order, cursor: str, reader: Profile | None) -> FeedPage:
    """A cursor that is not ours gives the first page."""
    if order == Order.BEST:
        found, next_cursor = _best(group, lane, _read_position(cursor))
    else:
        topics = _rows().filter(group=group, lane=lane, status=Status.PUBLISHED)
        if order == Order.UNANSWERED:
            topics = topics.filter(is_unanswered=True)
        found, next_cursor = _newest(topics, _read_key(cursor))
    unread = _unread(found, [group], reader)
    return FeedPage([FeedRow(topic, topic.id in unread) for topic in found], next_cursor, feed_counts(group))


def feed_counts(group: Group) -> FeedCounts:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"group": group.id})
        discussions, promotions, jobs, unanswered = cursor.fetchone() or (0, 0, 0, 0)
    lanes = {Lane.DISCUSSIONS: discussions, Lane.PROMOTIONS: promotions, Lane.JOBS: jobs}
    return FeedCounts(lanes, unanswered)


# One count for each index condition: grouped by lane, PostgreSQL would read the whole table instead of the index.
_COUNTS = """
WITH shown AS NOT MATERIALIZED (
    SELECT lane, is_unanswered FROM discussions_topic WHERE group_id = %(group)s AND status = 'published'
)
SELECT
    (SELECT count(*) FROM shown WHERE lane = 'discussions'),
    (SELECT count(*) FROM shown WHERE lane = 'promotions'),
    (SELECT count(*) FROM shown WHERE lane = 'jobs'),
    (SELECT count(*) FROM shown WHERE lane = 'discussions' AND is_unanswered)
"""


def _rows() -> QuerySet[Topic]:
    return Topic.objects.select_related("author", "last_author", "answer").only(*SHOWN)


def _best(group: Group, lane: Lane, start: Position) -> tuple[list[Topic], str]:
    given = (False, *_before(start.settled), True, *_before(start.paced), group.id, lane, PAGE + 1)
    streams = RawSQL(_STREAMS, given)  # noqa: S611 - a constant of this file
    found = sorted(_rows().filter(id__in=streams), key=lambda t: (t.rank_at, t.id), reverse=True)
    settled, paced = [t for t in found if not t.is_paced], [t for t in found if t.is_paced]
    shown = merge(settled, paced, start, PAGE)
    if len(shown) == len(settled) + len(paced):
        return shown, ""
    return shown, _write_position(_moved_on(start, shown))


# The next of both streams in one query.
_STREAMS = """
SELECT t.id
FROM (VALUES (%s, %s::timestamptz, %s), (%s, %s::timestamptz, %s)) AS stream(is_paced, at, id)
CROSS JOIN LATERAL (
    SELECT id FROM discussions_topic
    WHERE group_id = %s AND lane = %s AND status = 'published' AND is_paced = stream.is_paced
        AND (rank_at, id) < (stream.at, stream.id)
    ORDER BY rank_at DESC, id DESC LIMIT %s
) t
"""


def _before(key: Key | None) -> tuple[datetime | str, int]:
    return (key.at, key.id) if key else ("infinity", 0)


def merge(settled: Sequence[Topic], paced: Sequence[Topic], start: Position, size: int) -> list[Topic]:
    """So many rows: the fresher head of the two streams at each place, while the paced ones keep to their share.

    Only when the settled ones have run out do paced ones follow each other.
    """
    shown: list[Topic] = []
    s = p = 0
    while len(shown) < size and (s < len(settled) or p < len(paced)):
        place = start.places + len(shown) + 1
        is_paced_turn = p < len(paced) and (
            s == len(settled)
            or (start.paced_places + p < -(-place // PACED_EVERY) and paced[p].rank_at > settled[s].rank_at)
        )
        if is_paced_turn:
            shown.append(paced[p])
            p += 1
        else:
            shown.append(settled[s])
            s += 1
    return shown


def _moved_on(start: Position, shown: Sequence[Topic]) -> Position:
    settled = next((Key(t.rank_at, t.id) for t in reversed(shown) if not t.is_paced), start.settled)
    paced = next((Key(t.rank_at, t.id) for t in reversed(shown) if t.is_paced), start.paced)
    return Position(settled, paced, start.places + len(shown), start.paced_places + sum(t.is_paced for t in shown))


def _newest(topics: QuerySet[Topic], start: Key | None) -> tuple[list[Topic], str]:
    found = list(_after(topics, start)[: PAGE + 1])
    shown = found[:PAGE]
    return shown, _write_key(Key(shown[-1].created_at, shown[-1].id)) if len(found) > PAGE else ""


def _after(topics: QuerySet[Topic], key: Key | None) -> QuerySet[Topic]:
    if key is not None:
        # The first condition bounds the index scan, the second breaks ties.
        topics = topics.filter(Q(created_at__lte=key.at), Q(created_at__lt=key.at) | Q(id__lt=key.id))
    return topics.order_by("-created_at", "-id")


def feed_heads(groups: Collection[Group], reader: Profile, size: int) -> Mapping[int, Sequence[FeedRow]]:
    """The first rows of Discussions in each group, by the group's id; the same queries for one group and for many."""
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, {"groups": [g.id for g in groups], "size": size})
        ids = [row[0] for row in cursor.fetchall()]
    topics = _rows().filter(id__in=ids).order_by("-rank_at", "-id")
    streams: defaultdict[tuple[int, bool], list[Topic]] = defaultdict(list)
    for topic in topics:
        streams[topic.group_id, topic.is_paced].append(topic)
    heads = {g.id: merge(streams[g.id, False], streams[g.id, True], Position(), size) for g in groups}
    unread = _unread([topic for head in heads.values() for topic in head], groups, reader)
    return {group: [FeedRow(topic, topic.id in unread) for topic in head] for group, head in heads.items()}


_HEADS = """
SELECT t.id
FROM unnest(%(groups)s::bigint[]) AS g(id)
CROSS JOIN unnest(ARRAY[false, true]) AS paced(is_it)
CROSS JOIN LATERAL (
    SELECT id FROM discussions_topic
    WHERE group_id = g.id AND lane = 'discussions' AND status = 'published' AND is_paced = paced.is_it
    ORDER BY rank_at DESC, id DESC LIMIT %(size)s
) t
"""


def _unread(topics: Sequence[Topic], groups: Collection[Group], reader: Profile | None) -> set[int]:
    """Topics with something new from others since the reader looked, or joined."""
    if reader is None:
        return set()
    memberships = Membership.objects.active().filter(group__in=groups, profile=reader)
    joined_at = dict(memberships.values_list("group_id", "joined_at"))
    reads = TopicRead.objects.filter(profile=reader, topic__in=[t.id for t in topics])
    read_at = dict(reads.values_list("topic_id", "read_at"))
    return {
        t.id
        for t in topics
        if t.group_id in joined_at
        and t.last_author_id != reader.id
        and t.last_post_at > read_at.get(t.id, joined_at[t.group_id])
    }


# Cursors are numbers joined by dots: microseconds since 1970 and an id for each key, then the two counts of places.
# They carry no right to anything, so they are checked rather than signed.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEY = r"(?:(-?\d{1,16})\.(\d{1,18}))?"
_KEY_FORM = re.compile(_KEY, re.ASCII)
_POSITION_FORM = re.compile(rf"{_KEY}~{_KEY}~(\d{{1,9}})\.(\d{{1,9}})", re.ASCII)


def _write_key(key: Key | None) -> str:
    return f"{(key.at - _EPOCH) // timedelta(microseconds=1)}.{key.id}" if key else ""


def _write_position(position: Position) -> str:
    keys = f"{_write_key(position.settled)}~{_write_key(position.paced)}"
    return f"{keys}~{position.places}.{position.paced_places}"


def _read_key(cursor: str) -> Key | None:
    found = _KEY_FORM.fullmatch(cursor)
    return _key(found[1], found[2]) if found else None


def _read_position(cursor: str) -> Position:
    found = _POSITION_FORM.fullmatch(cursor)
    if found is None:
        return Position()
    return Position(_key(found[1], found[2]), _key(found[3], found[4]), int(found[5]), int(found[6]))


def _key(micros: str | None, id_: str | None) -> Key | None:
    return Key(_EPOCH + timedelta(microseconds=int(micros)), int(id_)) if micros and id_ else None
