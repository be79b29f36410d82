"""The log of what managers and the machine decided, for the members: who, when, why, by which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from moothall.discussions.models import Status
from moothall.groups.access import Access
from moothall.moderation.models import Action, Decision
from moothall.web.group.frame import frame
from moothall.web.reader import in_joined_group

DECISIONS_PER_PAGE = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision as the log tells it. What members can't read is not named, nor quoted by the machine's reasons."""

    decision: Decision
    is_readable: bool

    @property
    def reasons(self) -> Sequence[str]:
        shown = self.is_readable or not self.decision.is_machine
        return self.decision.reason.splitlines() if shown else ()

    @property
    def is_move(self) -> bool:
        return self.decision.action == Action.REROUTE

    @property
    def waits(self) -> bool:
        """Held, and nobody has decided since."""
        return self.decision.action == Action.HOLD and self.decision.post.status == Status.HELD


@in_joined_group
def group_decisions(request: HttpRequest, there: Access) -> HttpResponse:
    """What the machine let through without a word is left out: that is nearly everything."""
    unremarkable = Q(is_machine=True, action=Action.ACCEPT)
    decisions = Decision.objects.filter(group=there.group).exclude(unremarkable)
    decisions = decisions.select_related("post__topic", "post__author", "decided_by", "rule").order_by(
        "-decided_at", "-id"
    )
    page = Paginator(decisions, DECISIONS_PER_PAGE).get_page(request.GET.get("page"))
    entries = [Entry(d, is_readable=_is_readable(d)) for d in page.object_list]
    return render(
        request,
        "group/decisions.html",
        {
            "frame": frame(there),
            "group": there.group,
            "access": there,
            "page": page,
            "entries": entries,
            "nav": "groups",
        },
    )


def _is_readable(decision: Decision) -> bool:
    return decision.post.status == Status.PUBLISHED and decision.post.topic.status == Status.PUBLISHED
