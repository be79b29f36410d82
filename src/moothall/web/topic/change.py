"""Changing, deleting and putting back one's own posts."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from moothall.discussions.models import TITLE_LENGTH, Kind, Post
from moothall.groups.access import Access
from moothall.moderation.reach import BEYOND
from moothall.posting.delete import RESTORABLE_DAYS, delete, restore
from moothall.posting.edit import EDITABLE, edit
from moothall.posting.submission import Outcome, refused
from moothall.rules.current import current_rules
from moothall.web.reader import in_joined_group
from moothall.web.topic.addresses import address_of, post_address
from moothall.web.topic.compose import REFUSED
from moothall.web.topic.notes import was_kept_back
from moothall.web.topic.page import find_for_own_words, find_topic
from moothall.web.topic.preview import edit_of, shown_edit
from moothall.web.topic.sending import own_post, writer
from moothall.web.topic.written import Written, by_field, from_form, from_post


@require_http_methods(["GET", "HEAD", "POST"])
@in_joined_group
def post_edit(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    post = own_post(there, post_id)
    if request.method != "POST":
        if post.status not in EDITABLE:
            messages.error(request, "This post can't be changed any more.")
            return redirect(post_address(there.group.slug, post.topic_id, post.id))
        return _page(request, there, post, from_post(post), {})
    written = from_form(request.POST)
    if request.POST.get("go") == "preview":
        return _page(request, there, post, written, {"shown": shown_edit(post, written)})
    outcome = _edit(post, written)
    if not outcome.is_refused:
        if outcome.is_beyond_reach:
            messages.info(request, BEYOND)
        return redirect(address_of(there.group.slug, outcome))
    problems = by_field(outcome.problems)
    if "seen_version" not in problems:
        return _page(request, there, post, written, {"problems": problems}, REFUSED)
    # Saving again then counts as having seen the other text.
    newer = own_post(there, post_id)
    seen = replace(written, seen_version=newer.version)
    return _page(request, there, newer, seen, {"problems": problems, "newer": newer}, REFUSED)


def _edit(post: Post, written: Written) -> Outcome:
    if written.kind is None:
        return refused("kind", "Choose what kind of post it is.")
    return edit(edit_of(post, written))


def _page(
    request: HttpRequest, there: Access, post: Post, written: Written, further: dict[str, object], status: int = 200
) -> HttpResponse:
    context = {
        "group": there.group,
        "post": post,
        "written": written,
        "kinds": Kind,
        "rules": current_rules(there.group),
        "title_most": TITLE_LENGTH,
        "was_kept_back": was_kept_back(post),
        "nav": "groups",
        **further,
    }
    return render(request, "topic/edit.html", context, status=status)


@require_POST
@in_joined_group
def post_delete(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    post = own_post(there, post_id)
    outcome = delete(post.id, writer(there).id)
    if outcome.is_refused:
        messages.error(request, outcome.problems[0].message)
    else:
        messages.success(request, deleted_words(post.id))
    if find_topic(there, post.topic_id) is None and find_for_own_words(there, post.topic_id) is None:
        return redirect("drafts")
    return redirect(post_address(there.group.slug, post.topic_id, post.id))


def deleted_words(post_id: int) -> str:
    """What its author is told then."""
    if Post.objects.select_related("topic").get(id=post_id).is_left_behind:
        return "Your post is deleted. The conversation goes on without it; your words stay among your deleted posts."
    return f"Your post is deleted. You can put it back for {RESTORABLE_DAYS} days."


@require_POST
@in_joined_group
def post_restore(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    post = own_post(there, post_id)
    outcome = restore(post.id, writer(there).id)
    if outcome.is_refused:
        messages.error(request, outcome.problems[0].message)
        return redirect("drafts")
    messages.success(request, "Your post is back where it was.")
    return redirect(address_of(there.group.slug, outcome))
