"""Flags on the page of a conversation: members say what is wrong with a post, join others, and take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from moothall.discussions.models import Post, Status
from moothall.groups.access import Access
from moothall.groups.refusal import Refusal
from moothall.moderation.flagged import Raised, flags_of, open_flags
from moothall.moderation.flagging import flag, withdraw
from moothall.moderation.models import Flag
from moothall.web.reader import in_joined_group
from moothall.web.topic.addresses import post_address
from moothall.web.topic.sending import writer
from moothall.web.topic.written import number

ADVERT = "advert"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What members say of a post and others may join: how many, and what most say. Never shown to its author."""

    count: int
    reason: Flag
    is_mine: bool


@dataclass(frozen=True, slots=True)
class FlagState:
    """`agreed` where members whose flags weigh something say so; `mine` is one's own flag."""

    agreed: Agreed | None
    mine: Flag | None
    may_flag: bool


def flag_states(there: Access, posts: Sequence[Post]) -> Mapping[int, FlagState]:
    """For members, on the posts of others that are shown; three queries, or two where nobody flagged."""
    if not there.is_member:
        return {}
    profile = there.person
    others = [post for post in posts if post.author_id != profile.id and post.status == Status.PUBLISHED]
    ids = [post.id for post in others]
    mine = flags_of(profile, ids)
    raised = open_flags(there.group.id, ids)
    return {
        post.id: FlagState(_agreed(raised.get(post.id, ()), mine.get(post.id)), mine.get(post.id), post.id not in mine)
        for post in others
    }


def _agreed(raised: Sequence[Raised], mine: Flag | None) -> Agreed | None:
    weighty = [each.flag for each in raised if each.said.weight > 0]
    if not weighty:
        return None
    said = [(each.concern, each.rule_id) for each in weighty]
    reason = max(weighty, key=lambda each: said.count((each.concern, each.rule_id)))
    return Agreed(len(weighty), reason, mine is not None and mine.id in {each.id for each in weighty})


@require_POST
@in_joined_group
def post_flag(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    post = _post(there, post_id)
    given = request.POST.get("reason", "")
    rule_number = None if given == ADVERT else number(given)
    if given != ADVERT and rule_number is None:
        refusal: Refusal | None = Refusal("Say which rule it breaks.")
    else:
        refusal = flag(post.id, writer(there).id, rule_number)
    return _done(request, there, post, refusal, "The managers have it, with your name. Its author is not told of you.")


@require_POST
@in_joined_group
def post_unflag(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    post = _post(there, post_id)
    return _done(request, there, post, withdraw(post.id, writer(there).id), "Taken back.")


def _post(there: Access, post_id: int) -> Post:
    return get_object_or_404(Post.objects.readable_by(there.profile), id=post_id, group=there.group)


def _done(request: HttpRequest, there: Access, post: Post, refusal: Refusal | None, words: str) -> HttpResponse:
    """Back to the post, or to the group where it has gone to the managers and with it the conversation."""
    if refusal is None:
        messages.success(request, words)
    else:
        messages.error(request, refusal.message)
    if Post.objects.readable_by(there.profile).filter(id=post.id).exists():
        return redirect(post_address(there.group.slug, post.topic_id, post.id))
    if post.is_first:
        return redirect("group", there.group.slug)
    return redirect("topic", there.group.slug, post.topic_id)
