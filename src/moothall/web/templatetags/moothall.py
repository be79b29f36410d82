"""Small parts of pages: the tally, the mark of a kind, times as people say them, icons."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache, lru_cache

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone

from moothall.core.clock import now
from moothall.discussions.models import Kind
from moothall.mailer.addresses import owner_address

register = template.Library()

TALLY_MOST = 25

KIND_CLASS = {
    Kind.DISCUSSION: "talk",
    Kind.QUESTION: "ask",
    Kind.REQUEST: "rec",
    Kind.EXPERTISE: "know",
    Kind.EVENT: "talk",
    Kind.JOB: "job",
    Kind.PROMOTION: "promo",
}

ICONS = {
    "higher": '<path d="m3.5 10 4.5-4.5 4.5 4.5"/>',
    "lower": '<path d="m3.5 6 4.5 4.5 4.5-4.5"/>',
    "bin": '<path d="M2.5 4h11M6 4V2h4v2M4 4l.7 10h6.6L12 4"/>',
    "plus": '<path d="M8 2.5v11M2.5 8h11"/>',
    "mail": '<path d="M1.5 3.5h13v9h-13zM1.5 4l6.5 5 6.5-5"/>',
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
    "pen": '<path d="m2.5 13.5.8-3.3 7.7-7.7 2.5 2.5-7.7 7.7zM9.5 4l2.5 2.5"/>',
    "up": '<path d="M8 13.5v-10M4 7l4-4 4 4"/>',
    "reply": '<path d="M6.5 3 2.5 7l4 4M2.5 7h7a4 4 0 0 1 4 4v2"/>',
    "flag": '<path d="M3.5 14.5v-13M3.5 2.5h9l-2 3 2 3h-9"/>',
    "check": '<path d="m2.5 8.5 3.5 3.5 7.5-8"/>',
    "moved": '<path d="M2 2.5v5a3 3 0 0 0 3 3h8M10 7l3.5 3.5L10 14"/>',
    "undo": '<path d="M5.5 3 2 6.5 5.5 10M2 6.5h7.5a4 4 0 0 1 0 8H7"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>',
    "eye": '<path d="M1 8s2.5-4.5 7-4.5S15 8 15 8s-2.5 4.5-7 4.5S1 8 1 8z"/><circle cx="8" cy="8" r="2"/>',
    "lock": '<path d="M3.5 7.5h9v6.5h-9zM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2"/>',
    "mute": '<path d="M2 6v4h3l4 3V3L5 6zM11.5 6l3 4M14.5 6l-3 4"/>',
    "shop": '<path d="M2 6.5V14h12V6.5M1 6.5 2.5 2h11L15 6.5zM6 14v-4h4v4"/>',
    "card": '<path d="M1.5 3h13v10h-13zM4 10.5a2 2 0 0 1 4 0M10 6.5h2.5M10 9.5h2.5"/><circle cx="6" cy="6.5" r="1.3"/>',
}


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """An icon by its name; hidden from screen readers, the words beside it are read."""
    return format_html(
        '<svg class="ic" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5"'
        ' stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">{}</svg>',
        mark_safe(ICONS[name]),  # noqa: S308 - a constant of this file
    )


@register.simple_tag
@lru_cache(maxsize=TALLY_MOST + 1)
def tally(people: int) -> SafeString:
    """Strokes for the people who talk, in gates of five, 25 at most."""
    strokes, x = [], 1
    for nth in range(1, min(people, TALLY_MOST) + 1):
        if nth % 5 == 0:
            strokes.append(f"M{x - 17.5:g} 9L{x - 2.5:g} 2")
            x += 3
        else:
            strokes.append(f"M{x} 1v9")
            x += 4
    width = max(x - 2, 3)
    return format_html(
        '<svg class="tally" viewBox="0 0 {0} 11" width="{0}" height="11" aria-hidden="true"><path d="{1}"/></svg>',
        width,
        "".join(strokes),
    )


@register.simple_tag
@cache
def kind_mark(kind: str) -> SafeString:
    """The name of a kind with its shape."""
    known = Kind(kind)
    return format_html('<span class="kind kind--{}">{}</span>', KIND_CLASS[known], known.label)


def when_words(moment: datetime, at: datetime) -> str:
    """Time as people say it: 20 min ago, 5 h ago, yesterday, Monday, 9 Oct, 9 Oct 2024."""
    zone = get_current_timezone()
    there, here = moment.astimezone(zone), at.astimezone(zone)
    age = at - moment
    days = (here.date() - there.date()).days
    if age < timedelta(minutes=1):
        return "just now"
    if age < timedelta(hours=1):
        return f"{int(age.total_seconds() // 60)}\u00a0min ago"
    if age < timedelta(hours=12) or days == 0:
        return f"{int(age.total_seconds() // 3600)}\u00a0h ago"
    if days == 1:
        return "yesterday"
    if days < 7:
        return f"{there:%A}"
    short = f"{there.day}\u00a0{there:%b}"
    return short if there.year == here.year else f"{short} {there.year}"


@register.simple_tag
def managers_address(slug: str) -> str:
    """Where a group's managers are written to; empty where this site takes no mail in."""
    return owner_address(slug) if settings.LMTP else ""


@register.simple_tag
def when(moment: datetime) -> SafeString:
    """A <time> that people read in words and machines in ISO 8601."""
    return time_words(moment, now())


def time_words(moment: datetime, at: datetime) -> SafeString:
    """As `when`, for many moments of one page."""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), when_words(moment, at))
