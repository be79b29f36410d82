"""How a text would look and what would become of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from moothall.discussions.models import Lane
from moothall.groups.access import Access
from moothall.moderation.models import Action
from moothall.moderation.reach import Reach
from moothall.posting.preview import preview as read_beforehand
from moothall.posting.submission import Problem
from moothall.web.reader import in_joined_group
from moothall.web.topic.sending import submission
from moothall.web.topic.written import Written, from_form, number


@dataclass(frozen=True, slots=True)
class Shown:
    """`lane` is None while something must be put right first."""

    html: str
    title: str
    problems: tuple[Problem, ...]
    lane: Lane | None
    is_held: bool
    reasons: tuple[str, ...]
    reach: Reach | None
    has_to_earn: bool


def shown(there: Access, written: Written, topic_id: int | None) -> Shown:
    found = read_beforehand(submission(there, written, topic_id))
    ruling = found.ruling
    return Shown(
        html=found.html,
        title="" if topic_id else written.title,
        problems=found.problems,
        lane=ruling.lane if ruling else None,
        is_held=ruling is not None and ruling.action == Action.HOLD,
        reasons=ruling.reasons if ruling else (),
        reach=found.reach,
        has_to_earn=found.has_to_earn,
    )


@require_POST
@in_joined_group
def preview(request: HttpRequest, there: Access) -> HttpResponse:
    """Only the part of the page, for whoever stays on it; without script the forms show it themselves."""
    found = shown(there, from_form(request.POST), number(request.POST.get("topic", "")))
    return render(request, "topic/_preview.html", {"shown": found, "group": there.group})
