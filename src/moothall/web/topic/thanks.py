"""Thanks for posts, and which reply answered."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from moothall.discussions.models import Post, Thank
from moothall.groups.access import Access
from moothall.posting.answer import choose_answer, take_back_answer
from moothall.posting.submission import Outcome
from moothall.posting.thank import take_back, thank
from moothall.web.reader import in_joined_group
from moothall.web.topic.addresses import post_address
from moothall.web.topic.sending import writer

Action = Callable[[int, int], Outcome]


@require_POST
@in_joined_group
def post_thank(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    return _thank(request, there, post_id, thank)


@require_POST
@in_joined_group
def post_unthank(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    return _thank(request, there, post_id, take_back)


@require_POST
@in_joined_group
def post_answer(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    return _done(request, there, post_id, choose_answer)


@require_POST
@in_joined_group
def post_unanswer(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    return _done(request, there, post_id, take_back_answer)


def _thank(request: HttpRequest, there: Access, post_id: int, action: Action) -> HttpResponse:
    """Back to the page; whoever stays on it gets the button alone."""
    answer = _done(request, there, post_id, action)
    if "HX-Request" not in request.headers:
        return answer
    post = Post.objects.get(id=post_id)
    is_thanked = Thank.objects.filter(post=post, profile=writer(there)).exists()
    return render(request, "topic/_thank.html", {"group": there.group, "post": post, "is_thanked": is_thanked})


def _done(request: HttpRequest, there: Access, post_id: int, action: Action) -> HttpResponse:
    post = get_object_or_404(Post.objects.readable_by(there.profile), id=post_id, group=there.group)
    outcome = action(post.id, writer(there).id)
    if outcome.is_refused:
        messages.error(request, outcome.problems[0].message)
    return redirect(post_address(there.group.slug, post.topic_id, post.id))
