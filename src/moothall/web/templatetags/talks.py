"""Rows of conversations. A page has twenty of them, and as a template of their own they took half of its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from moothall.core.clock import now
from moothall.discussions.feed import FeedRow
from moothall.discussions.models import Topic
from moothall.web.templatetags.moothall import icon, kind_mark, tally, time_words

register = template.Library()


@register.simple_tag
def talks(rows: Sequence[FeedRow], group_slug: str) -> SafeString:
    """The list items of a feed."""
    # The addresses differ in their numbers alone; to look up each would take as long as the rest of its row.
    before, after = reverse("topic", args=[group_slug, 0]).rsplit("0", 1)
    at = now()
    items = (_talk(row, f"{before}{row.topic.id}{after}", at) for row in rows)
    return mark_safe("\n".join(items))  # noqa: S308 - what people wrote is escaped below


def _talk(row: FeedRow, address: str, at: datetime) -> str:
    topic = row.topic
    new, lift = " talk--new" if row.is_unread else "", " talk--lift" if topic.is_unanswered else ""
    people = "person" if topic.people_count == 1 else "people"
    return f"""<li class="talk{new}{lift}">
  <p class="talk__n"><b>{topic.people_count}</b>{tally(topic.people_count)}<span class="vh"> {people} talking</span></p>
  <div>
    <h3><a href="{address}">{'<span class="vh">New: </span>' if row.is_unread else ""}{escape(topic.title)}</a></h3>
    <div class="meta">{"".join(_meta(topic))}</div>{_waiting(topic)}
  </div>
  <p class="talk__last">{_last(topic)}{time_words(topic.last_post_at, at)}</p>
</li>"""


def _meta(topic: Topic) -> Iterator[str]:
    yield f"{kind_mark(topic.shown_kind)}<span>{escape(topic.author.name)}</span>"
    if topic.reply_count:
        yield f"<span>{topic.reply_count:,} repl{'y' if topic.reply_count == 1 else 'ies'}</span>"
    if topic.is_answered:
        yield '<span class="good">answered</span>'
    if topic.thanked_count:
        yield f'<span class="good">helped {topic.thanked_count:,}</span>'


def _waiting(topic: Topic) -> str:
    if not topic.is_unanswered:
        return ""
    return f'\n    <p class="meta"><span class="chip chip--ask">{icon("up")} No answer yet</span></p>'


def _last(topic: Topic) -> str:
    if not topic.reply_count or topic.last_author is None:
        return ""
    return f'<b>{escape(topic.last_author.name)}</b> <span class="vh">replied last, </span>'
