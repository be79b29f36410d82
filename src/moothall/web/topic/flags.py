"""Flags on the page of a conversation: members say what is wrong with a post, join others, and take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from moothall.discussions.models import Lane, Post, Status
from moothall.groups.access import Access
from moothall.groups.refusal import Refusal
from moothall.moderation.flagged import Raised, flags_of, open_flags
from moothall.moderation.flagging import flag, withdraw
from moothall.moderation.models import Flag
from moothall.rules.current import current_rules
from moothall.rules.models import Concern, Rule
from moothall.web.reader import in_joined_group
from moothall.web.topic.addresses import post_address
from moothall.web.topic.sending import writer
from moothall.web.topic.written import number

ADVERT = "advert"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What members say of a post and others may join: how many, and what most say. Never shown to its author.

    `joins` is what a form sends to say the same; empty where the rule that they named stands no more.
    """

    count: int
    reason: Flag
    is_mine: bool
    joins: str


@dataclass(frozen=True, slots=True)
class FlagState:
    """`agreed` where members whose flags weigh something say so; `mine` is one's own flag."""

    agreed: Agreed | None
    mine: Flag | None
    may_flag: bool


def flag_states(there: Access, posts: Sequence[Post], rules: Sequence[Rule]) -> Mapping[int, FlagState]:
    """For members, on the posts of others that are shown; three queries, or two where nobody flagged. `rules` are
    those in force."""
    if not there.is_member:
        return {}
    profile = there.person
    others = [post for post in posts if post.author_id != profile.id and post.status == Status.PUBLISHED]
    ids = [post.id for post in others]
    mine = flags_of(profile, ids)
    raised = open_flags(there.group.id, ids)
    return {
        post.id: FlagState(
            _agreed(post, raised.get(post.id, ()), mine.get(post.id), rules), mine.get(post.id), post.id not in mine
        )
        for post in others
    }


def _agreed(post: Post, raised: Sequence[Raised], mine: Flag | None, rules: Sequence[Rule]) -> Agreed | None:
    weighty = [each.flag for each in raised if each.said.weight > 0]
    if not weighty:
        return None
    said = [(each.concern, each.rule_id) for each in weighty]
    reason = max(weighty, key=lambda each: said.count((each.concern, each.rule_id)))
    is_mine = mine is not None and mine.id in {each.id for each in weighty}
    return Agreed(len(weighty), reason, is_mine, _joins(post, reason, rules))


def _joins(post: Post, reason: Flag, rules: Sequence[Rule]) -> str:
    if reason.concern == Concern.OFFERS and post.lane != Lane.PROMOTIONS:
        return ADVERT
    rule = _in_force(reason.rule, rules)
    return str(rule.id) if rule is not None else ""


def _in_force(rule: Rule | None, rules: Sequence[Rule]) -> Rule | None:
    """The rule in force that says the same: each edition numbers all of its rules anew."""
    return next((each for each in rules if rule is not None and each.text == rule.text), None)


@require_POST
@in_joined_group
def post_flag(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    """`reason` is an advert, or the id of the rule as it stood on the page."""
    post = _post(there, post_id)
    refusal = _flag(there, post, request.POST.get("reason", ""))
    return _done(request, there, post, refusal, "The managers have it, with your name. Its author is not told of you.")


def _flag(there: Access, post: Post, reason: str) -> Refusal | None:
    if reason == ADVERT:
        return flag(post.id, writer(there).id, None)
    rule_id = number(reason)
    if rule_id is None:
        return Refusal("Say which rule it breaks.")
    read = Rule.objects.filter(id=rule_id, edition__group=there.group).first()
    rule = _in_force(read, current_rules(there.group))
    if rule is None:
        return Refusal("The rules have changed since. Choose one of those that stand now.")
    return flag(post.id, writer(there).id, rule.number)


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
