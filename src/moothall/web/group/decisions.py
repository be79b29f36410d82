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
    """A decision as the log tells it. What members can't read is not named, nor quoted."""

    decision: Decision
    is_readable: bool

    @property
    def reasons(self) -> Sequence[str]:
        """The machine quotes the text as it read it. What a manager writes is the author's alone, but for a move, which
        members read where the post stood."""
        edited_at = self.decision.post.edited_at
        is_as_read = edited_at is None or edited_at <= self.decision.decided_at
        shown = self.is_readable and (is_as_read if self.decision.is_machine else self.is_move)
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
