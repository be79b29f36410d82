"""How a text would look and what would become of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from moothall.discussions.models import Kind, Lane, Post
from moothall.groups.access import Access
from moothall.moderation.models import Action
from moothall.moderation.reach import Reach
from moothall.posting.edit import Edit
from moothall.posting.preview import Preview, preview_edit
from moothall.posting.preview import preview as read_beforehand
from moothall.posting.submission import Problem
from moothall.web.reader import in_joined_group
from moothall.web.topic.sending import own_post, submission
from moothall.web.topic.written import Written, from_form, number


@dataclass(frozen=True, slots=True)
class Shown:
    """`lane` is None while something must be put right first."""

    html: str
    title: str
    is_reply: bool
    problems: tuple[Problem, ...]
    lane: Lane | None
    is_held: bool
    may_be_promotion: bool
    reasons: tuple[str, ...]
    reach: Reach | None
    has_to_earn: bool


def shown(there: Access, written: Written, topic_id: int | None) -> Shown:
    return _shown(read_beforehand(submission(there, written, topic_id)), None if topic_id else written.title)


def shown_edit(post: Post, written: Written) -> Shown:
    """Load `topic` with the post."""
    return _shown(preview_edit(post, edit_of(post, written)), written.title if post.is_first else None)


def edit_of(post: Post, written: Written) -> Edit:
    """By its author; a kind that does not exist is for the form to refuse."""
    return Edit(
        post_id=post.id,
        editor_id=post.author_id,
        text=written.text,
        title=written.title,
        kind=written.kind or Kind.DISCUSSION,
        seen_version=written.seen_version,
    )


def _shown(found: Preview, title: str | None) -> Shown:
    """A reply has no title."""
    ruling = found.ruling
    return Shown(
        html=found.html,
        title=title or "",
        is_reply=title is None,
        problems=found.problems,
        lane=ruling.lane if ruling else None,
        is_held=ruling is not None and ruling.action == Action.HOLD,
        # What a manager returned, or members flagged, goes to a manager as a promotion too.
        may_be_promotion=ruling is not None and ruling.concern is not None,
        reasons=ruling.reasons if ruling else (),
        reach=found.reach,
        has_to_earn=found.has_to_earn,
    )


@require_POST
@in_joined_group
def preview(request: HttpRequest, there: Access) -> HttpResponse:
    """Only the part of the page, for whoever stays on it; without script the forms show it themselves."""
    written, post_id = from_form(request.POST), number(request.POST.get("post", ""))
    if post_id is not None:
        found = shown_edit(own_post(there, post_id), written)
    else:
        found = shown(there, written, number(request.POST.get("topic", "")))
    return render(request, "topic/_preview.html", {"shown": found, "group": there.group})
