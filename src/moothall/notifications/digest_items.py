"""The conversations of digests, read for many mails at once and written out once each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Count, Exists, OuterRef, Q
from django.template.loader import render_to_string

from moothall.discussions.models import Kind, Lane, Post, Status, Topic
from moothall.notifications.letterhead import Written, topic_url
from moothall.notifications.models import Digest
from moothall.notifications.wrapping import wrapped

QUOTED_FROM = 2
LONGEST_QUOTE = 140
# Every mail of a week tells of the same ones.
ITEMS_KEPT = 1024
_SENTENCE = re.compile(r"(.{20,}?[.!?])(?:\s|$)", re.DOTALL)
_MARKS = re.compile(r"[*_`>#\[\]]|\(https?://[^)\s]*\)|https?://\S+")


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation as both parts of the mail have it; `says` is the line below its title."""

    topic_id: int
    lane: Lane
    is_waiting: bool
    title: str
    author: str
    author_short: str
    url: str
    says: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of one group in one window: who wrote in its discussions, in how many, and how many of those began in it."""

    people: int
    topics: int
    new_topics: int
    promotions: int
    jobs: int


def items(topic_ids: Collection[int]) -> Mapping[int, Item]:
    """Only those that may be mailed now."""
    mailable = Post.objects.mailable().filter(topic=OuterRef("pk"))
    topics = Topic.objects.filter(Exists(mailable), id__in=topic_ids, status=Status.PUBLISHED)
    found = topics.select_related("group", "author", "answer").defer("answer__text", "answer__html")
    quotes = _quotes(topic_ids)
    return {topic.id: _item(topic, quotes.get(topic.id)) for topic in found}


def forget_dropped(digests: Iterable[Digest], fit: Collection[int]) -> None:
    """What may not be mailed now is not told by these, so that a later one may tell of it."""
    for digest in digests:
        left = [topic for topic in digest.topics if topic in fit]
        if len(left) < len(digest.topics):
            Digest.objects.filter(id=digest.id).update(topics=left)


def _quotes(topic_ids: Collection[int]) -> Mapping[int, Post]:
    """The answer that helped most people, in each conversation where one helped several."""
    answers = (
        Post.objects.mailable()
        .filter(topic__in=topic_ids, is_first=False, thanked_count__gte=QUOTED_FROM)
        .select_related("author")
        .order_by("topic", "-thanked_count", "id")
        .distinct("topic")
    )
    return {answer.topic_id: answer for answer in answers}


def _item(topic: Topic, answer: Post | None) -> Item:
    url = topic_url(topic.group, topic.id)
    says = _says(topic)
    quote = first_sentence(answer.text) if answer else ""
    quoted = answer.author.name if quote and answer else ""
    written = _written(topic.title, url, says, quote, quoted)
    return Item(
        topic_id=topic.id,
        lane=topic.lane_value,
        is_waiting=topic.is_unanswered,
        title=topic.title,
        author=topic.author.name,
        author_short=topic.author.name.split()[0],
        url=url,
        says=says,
        html=written.html,
        text=written.text,
    )


@lru_cache(maxsize=ITEMS_KEPT)
def _written(title: str, url: str, says: str, quote: str, quoted: str) -> Written:
    said = f"“{quote}” {quoted}" if quote else ""
    lines = [wrapped(line, indent="  ") for line in (title, says, said) if line]
    values = {"title": title, "url": url, "says": says, "quote": quote, "quoted": quoted}
    return Written("\n".join([*lines, f"  {url}"]), render_to_string("notifications/email/_item.html", values))


def _says(topic: Topic) -> str:
    kind = Kind(topic.kind).label
    if topic.is_unanswered:
        return f"{kind}, {topic.author.name}. Nobody has answered yet."
    people = f"{topic.people_count} people" if topic.people_count > 1 else topic.author.name
    ending = "answered" if topic.is_answered else ""
    if topic.thanked_count:
        ending = f"helped {topic.thanked_count}"
    return ", ".join(part for part in (kind, people, ending) if part)


def first_sentence(text: str) -> str:
    """Of the writer's own first lines, without marks; "" when it is too long to stand alone."""
    own = " ".join(line for line in text.splitlines() if line.strip() and not line.startswith(">"))
    plain = " ".join(_MARKS.sub("", own).split())
    found = _SENTENCE.match(plain)
    sentence = found.group(1) if found else plain
    return sentence if 0 < len(sentence) <= LONGEST_QUOTE else ""


def numbers(windows: Collection[tuple[int, datetime, datetime]]) -> Mapping[tuple[int, datetime, datetime], Numbers]:
    """One query for each window; a batch of mails has one or two."""
    return {window: _numbers(*window) for window in windows}


def _numbers(group_id: int, since: datetime, until: datetime) -> Numbers:
    new = Q(created_at__gt=since, created_at__lte=until)
    counted = Post.objects.published().filter(new, group=group_id).aggregate(
        people=Count("author", distinct=True, filter=Q(lane=Lane.DISCUSSIONS)),
        topics=Count("topic", distinct=True, filter=Q(lane=Lane.DISCUSSIONS)),
        new_topics=Count("id", filter=Q(lane=Lane.DISCUSSIONS, is_first=True)),
        promotions=Count("id", filter=Q(lane=Lane.PROMOTIONS, is_first=True)),
        jobs=Count("id", filter=Q(lane=Lane.JOBS, is_first=True)),
    )  # fmt: skip
    return Numbers(**counted)
