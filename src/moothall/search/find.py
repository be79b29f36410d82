"""Finding posts by their words, among those that the reader may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, QuerySet, TextField, Value, When
from django.db.models.functions import Left
from django.utils.timezone import get_current_timezone

from moothall.discussions.models import Kind, Lane, Post, shown_as
from moothall.discussions.titles import title_for
from moothall.groups.models import Group, Membership
from moothall.members.models import Profile
from moothall.search.index import in_one_form
from moothall.search.models import SearchEntry
from moothall.search.snippet import Part, headline, parts

PAGE = 20
# The newest thousand matches are ranked; reading and ranking every post with a common word would take seconds.
MOST_MATCHES = 1000
QUERY_LENGTH = 200
# What a snippet is cut from: PostgreSQL parses the text anew for each.
SNIPPET_SOURCE_CHARACTERS = 8000


@dataclass(frozen=True, slots=True)
class Query:
    """Without `text` the newest posts that pass the filters; `kind` and `lane` are those in which the conversation is
    shown, `authors` ids of profiles, `until` includes its day."""

    text: str = ""
    group: Group | None = None
    kind: Kind | None = None
    authors: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None
    lane: Lane | None = None

    @property
    def is_empty(self) -> bool:
        filters = (self.group, self.kind, self.authors, self.since, self.until, self.lane)
        return not self.words and not any(filters)

    @property
    def words(self) -> str:
        return in_one_form(self.text.replace("\x00", " ")).strip()[:QUERY_LENGTH]


@dataclass(frozen=True, slots=True)
class Hit:
    """The best match of a conversation, with topic, `shown_title`, group and author loaded; the snippet's parts are
    plain text."""

    post: Post
    snippet: Sequence[Part]
    further: int
    """Other posts of the same conversation that match."""


@dataclass(frozen=True, slots=True)
class Found:
    """`count` is of conversations; where it is cut, there are more than those of the newest MOST_MATCHES posts."""

    hits: Sequence[Hit]
    next_cursor: str
    count: int
    is_cut: bool


NOTHING = Found((), "", 0, is_cut=False)


def find(query: Query, reader: Profile | None, cursor: str) -> Found:
    """One page of what matches, best first. A cursor that is not ours gives the first page."""
    if query.is_empty:
        return NOTHING
    searched = _searched_groups(query, reader)
    tsquery = _tsquery(query, searched)
    newest = _newest_matches(query, tsquery, searched)
    ranked = _ranked(newest, tsquery, searched, reader)
    topics: dict[int, list[int]] = {}
    for post_id, topic_id in ranked:
        topics.setdefault(topic_id, []).append(post_id)
    offset = _offset(cursor)
    page = list(topics.values())[offset : offset + PAGE]
    more = str(offset + PAGE) if len(topics) > offset + PAGE else ""
    return Found(_hits(page, tsquery, reader), more, len(topics), is_cut=len(newest) == MOST_MATCHES)


def _offset(cursor: str) -> int:
    offset = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) <= 4 else 0
    return offset if offset % PAGE == 0 and offset < MOST_MATCHES else 0


@dataclass(frozen=True, slots=True)
class _Searched:
    """Groups that may be read, by id with their dictionaries, and those of them that the reader is in."""

    groups: Mapping[int, str]
    own: Sequence[int]

    @property
    def is_own(self) -> Case:
        """Other public groups come last, since anybody may found one and fill it with what people look for."""
        return Case(When(group__in=self.own, then=Value(True)), default=Value(False))


def _searched_groups(query: Query, reader: Profile | None) -> _Searched:
    joined = Membership.objects.active().filter(group=OuterRef("id"), profile=reader)
    groups = Group.objects.readable_by(reader).order_by()
    if query.group is not None:
        groups = groups.filter(id=query.group.id)
    found = list(groups.values_list("id", "search_config", Exists(joined)))
    return _Searched({id_: config for id_, config, _ in found}, [id_ for id_, _, is_own in found if is_own])


def _tsquery(query: Query, searched: _Searched) -> SearchQuery | None:
    """The words in the dictionary of every group that is searched, so that one index scan finds them all."""
    if not query.words:
        return None
    configs = _known_configs(set(searched.groups.values()))
    first, *others = (SearchQuery(query.words, config=config, search_type="websearch") for config in configs)
    for other in others:
        first |= other
    return first


def _known_configs(asked: set[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cfgname FROM pg_ts_config WHERE cfgname = ANY(%s)", [list(asked)])
        known = {str(row[0]) for row in cursor.fetchall()}
    return sorted(known if known == asked and known else known | {"simple"})


def _newest_matches(query: Query, tsquery: SearchQuery | None, searched: _Searched) -> list[int]:
    """Ids of the newest posts that match in these groups, whoever may read them.

    Where words are sought, the reader's own groups come first. Each half is a query by itself, since one order over
    both would have PostgreSQL sort all that match.
    """
    if tsquery is None:
        return list(_matches(query, None, list(searched.groups)))
    own = list(_matches(query, tsquery, searched.own))
    others = _matches(query, tsquery, list(searched.groups.keys() - set(searched.own)))
    return [*own, *others[: MOST_MATCHES - len(own)]]


def _matches(query: Query, tsquery: SearchQuery | None, groups: Sequence[int]) -> QuerySet[SearchEntry, int]:
    entries = SearchEntry.objects.filter(group__in=groups)
    if tsquery is not None:
        entries = entries.filter(words=tsquery)
    if query.kind is not None:
        entries = entries.filter(shown_as(query.kind, "post__topic"))
    if query.lane is not None:
        entries = entries.filter(post__topic__lane=query.lane)
    if query.authors:
        entries = entries.filter(post__author__in=query.authors)
    if query.since is not None:
        entries = entries.filter(post__created_at__gte=_midnight(query.since))
    if query.until is not None and query.until < date.max:
        entries = entries.filter(post__created_at__lt=_midnight(query.until + timedelta(days=1)))
    return entries.order_by("-post").values_list("post", flat=True)[:MOST_MATCHES]


def _midnight(day: date) -> datetime:
    # The zone's offset may carry the first and the last days of the calendar out of it.
    inside = min(max(day, date(1, 1, 3)), date(9999, 12, 29))
    return datetime.combine(inside, time.min, get_current_timezone())


def _ranked(
    matches: Sequence[int], tsquery: SearchQuery | None, searched: _Searched, reader: Profile | None
) -> list[tuple[int, int]]:
    """Ids of those which this person may read, and of their topics; best first, those of the reader's own groups
    before all others."""
    posts = Post.objects.readable_by(reader).filter(id__in=matches).order_by("-id")
    if tsquery is not None:
        # 1: divides by 1 + log(length), so that long posts do not win by length alone.
        rank = SearchRank(F("search_entry__words"), tsquery, normalization=Value(1))
        posts = posts.annotate(rank=rank, is_own=searched.is_own).order_by("-is_own", "-rank", "-id")
    return list(posts.values_list("id", "topic_id"))


def _hits(page: Sequence[Sequence[int]], tsquery: SearchQuery | None, reader: Profile | None) -> list[Hit]:
    """`page` has the matching posts of each conversation, the best one first."""
    posts = Post.objects.filter(id__in=[ids[0] for ids in page]).select_related("topic", "group", "author")
    source = Left("text", SNIPPET_SOURCE_CHARACTERS, output_field=TextField())
    excerpt = headline(source, tsquery) if tsquery is not None else Left("text", 240)
    hits = {
        post.id: (post, parts(str(getattr(post, "excerpt"))))  # noqa: B009 - an annotation, which mypy does not see here
        for post in posts.annotate(excerpt=excerpt, shown_title=title_for(reader, "topic"))
    }
    return [Hit(*hits[ids[0]], len(ids) - 1) for ids in page if ids[0] in hits]
