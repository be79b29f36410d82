"""The page of a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from moothall.discussions import reading
from moothall.discussions.drafts import found_at
from moothall.discussions.models import Draft, Post, Status, Topic
from moothall.groups.access import Access
from moothall.notifications.reading import mark_topic_read
from moothall.notifications.watching import attitude_to
from moothall.web.reader import for_search_engines, in_readable_group
from moothall.web.topic.page import TopicPage, Where, find_for_own_words, find_topic, gather
from moothall.web.topic.quote import added, quoted
from moothall.web.topic.sending import chosen, draft_place
from moothall.web.topic.written import Written, from_draft, number


@require_safe
@in_readable_group
def topic(request: HttpRequest, there: Access, topic_id: int) -> HttpResponse:
    found = find_topic(there, topic_id) or find_for_own_words(there, topic_id)
    if found is None:
        raise Http404
    asked = {name: number(request.GET.get(name, "")) for name in ("post", "after", "before", "quote")}
    page = gather(there, found, Where(asked["post"] or asked["quote"], asked["after"], asked["before"]))
    drafts = _drafts(there, found)
    draft = chosen(request, drafts)
    begun = _begun(there, page, draft, asked["quote"])
    response = topic_page(request, there, page, begun, {"draft": draft, "has_other_drafts": len(drafts) > 1})
    _mark_read(there, page)
    return response


def topic_page(
    request: HttpRequest,
    there: Access,
    page: TopicPage,
    written: Written,
    more: dict[str, object],
    status: int = 200,
) -> HttpResponse:
    """The page with a reply as far as it is written; `more` is draft, has_other_drafts, problems, shown (a preview)."""
    answered = next((post for post in page.posts if post.id == written.reply_to_id), None)
    context = {
        "group": there.group,
        "access": there,
        "page": page,
        "topic": page.topic,
        "written": written.with_key(),
        "answered": answered,
        "watch": attitude_to(there.person.id, topic_id=page.topic.id) if there.is_member else "",
        "nav": "groups",
        **more,
    }
    response = render(request, "topic/topic.html", context, status=status)
    return for_search_engines(response, there.group) if page.topic.status == Status.PUBLISHED else response


def _drafts(there: Access, topic: Topic) -> Sequence[Draft]:
    return found_at(draft_place(there, topic.id)) if there.profile else []


def _begun(there: Access, page: TopicPage, draft: Draft | None, quote: int | None) -> Written:
    """What stands in the reply box at first: the draft, and the quote that was asked for."""
    begun = from_draft(draft) if draft else Written()
    post = Post.objects.readable_by(there.profile).filter(id=quote, topic=page.topic).first() if quote else None
    if post is None:
        return begun
    return replace(begun, text=added(begun.text, quoted(post)), reply_to_id=post.id)


def _mark_read(there: Access, page: TopicPage) -> None:
    if there.profile is None:
        return
    mark_topic_read(there.profile, page.topic.id)
    if page.posts:
        reading.mark_read(page.topic, there.profile, since=page.read_at, until=_read_until(page))


def _read_until(page: TopicPage) -> datetime:
    """What was edited is read as it is now; where more follows, a later time would pass that over."""
    edited = [] if page.comments.has_later else [post.edited_at for post in page.posts if post.edited_at is not None]
    return max([*edited, *(post.created_at for post in page.posts)])
