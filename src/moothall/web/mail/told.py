"""The list behind the envelope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from moothall.discussions.models import Topic
from moothall.members.models import Profile
from moothall.moderation.models import Decision
from moothall.notifications.models import Notification, Reason
from moothall.notifications.reading import TopicNews, mark_all_read, news
from moothall.web.mail.own_settings import is_stopped
from moothall.web.reader import for_members
from moothall.web.topic.written import number


@dataclass(frozen=True, slots=True)
class Line:
    """`decision` is what the reader's own post met with, and says why."""

    told: Notification
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Conversation:
    topic: Topic
    is_unread: bool
    lines: Sequence[Line]


@require_safe
@for_members
def told(request: HttpRequest, profile: Profile) -> HttpResponse:
    after = number(request.GET.get("after", ""))
    topics, next_after = news(profile, after)
    context = {
        "topics": _with_decisions(topics),
        "next_after": next_after,
        "is_first_page": after is None,
        "is_stopped": is_stopped(profile),
    }
    return render(request, "mail/told.html", context)


def _with_decisions(topics: Sequence[TopicNews]) -> list[Conversation]:
    decided = [line for each in topics for line in each.lines if line.reason == Reason.DECIDED]
    decisions = _decisions(decided) if decided else {}
    return [
        Conversation(each.topic, each.is_unread, [Line(line, decisions.get(line.id)) for line in each.lines])
        for each in topics
    ]


def _decisions(decided: Sequence[Notification]) -> Mapping[int, Decision]:
    """By line: the last decision before it was told. The machine's own is written a moment after the post."""
    posts = [line.event.post_id for line in decided]
    rows = Decision.objects.filter(post__in=posts).select_related("rule").order_by("decided_at", "id")
    by_post: defaultdict[int | None, list[Decision]] = defaultdict(list)
    for row in rows:
        by_post[row.post_id].append(row)
    found: dict[int, Decision] = {}
    for line in decided:
        of_post = by_post[line.event.post_id]
        until = [row for row in of_post if row.decided_at <= line.event.happened_at]
        if of_post:
            found[line.id] = until[-1] if until else of_post[0]
    return found


@require_POST
@for_members
def told_read(request: HttpRequest, profile: Profile) -> HttpResponse:
    mark_all_read(profile)
    return redirect("told")
