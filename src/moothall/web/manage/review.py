from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from moothall.core.clock import now
from moothall.core.deadlocks import again_after_deadlock
from moothall.core.text import clean
from moothall.discussions.models import Lane, Post, Status
from moothall.groups.access import Access
from moothall.groups.models import Policy
from moothall.judging.record import latest_screening
from moothall.mailer.models import OutboundMessage
from moothall.moderation.decide import NOTE_LENGTH, Choice, DecisionRefused, decide, undo
from moothall.moderation.flagged import open_flags
from moothall.moderation.models import Action, Decision, ReviewItem
from moothall.rules.current import current_rules
from moothall.rules.models import Concern, Rule
from moothall.web.manage import waiting
from moothall.web.manage.ledger import ledger
from moothall.web.manage.telling import telling
from moothall.web.reader import in_managed_group


@require_safe
@in_managed_group
def group_review(request: HttpRequest, there: Access) -> HttpResponse:
    """The queue, oldest first; `?post=` takes another one in hand, `?done=` offers to undo what was just decided."""
    queue = waiting.waiting(there.group)
    items = list(queue[: waiting.QUEUE_SHOWN])
    item = _in_hand(request, items)
    at = now()
    recent = waiting.undoable(there.group, there.person)
    context = {
        "group": there.group,
        "access": there,
        "queue": [(each, waiting.duration_words(at - each.opened_at)) for each in items],
        "count": len(items) if len(items) < waiting.QUEUE_SHOWN else queue.count(),
        "clock": waiting.clock(items[0], at) if items else None,
        "item": item,
        "done": [(d, waiting.told(d)) for d in recent if str(d.id) in request.GET.getlist("done")],
        "recent": [(d, waiting.told(d)) for d in recent],
    }
    if item is not None:
        context |= _about(item, there)
    return render(request, "manage/group_review.html", context)


def _in_hand(request: HttpRequest, items: list[ReviewItem]) -> ReviewItem | None:
    wanted = request.GET.get("post", "")
    return next((item for item in items if str(item.post_id) == wanted), items[0] if items else None)


def _about(item: ReviewItem, there: Access) -> dict[str, object]:
    """What is known of the post in hand."""
    screening = latest_screening(item.post)
    rules = current_rules(there.group)
    raised = open_flags(there.group.id, [item.post_id]).get(item.post_id, ())
    said = [each.said for each in raised]
    by_machine = item.post.decisions.filter(is_machine=True).order_by("-decided_at").first()
    return {
        "post": item.post,
        "waited": waiting.duration_words(now() - item.opened_at),
        "ledger": ledger(screening, item.post, Policy(there.group.policy), said) if screening else None,
        "telling": telling(screening, item.post) if screening else None,
        # Who flagged a post is not for its author to know, manager or not.
        "flags": raised if item.post.author_id != there.person.id else (),
        "earlier": [(d, waiting.told(d)) for d in waiting.decided_before(item.post)],
        "alike": waiting.alike(item.post, screening),
        "elsewhere": waiting.groups_with_the_same(item.post, screening),
        "author": waiting.author_here(item.post),
        "rules": rules,
        "rule_id": _rule_to_quote(rules, by_machine),
        "lanes": Lane.choices,
        "lane": Lane.JOBS if item.post.kind == "job" else Lane.PROMOTIONS,
        "note_length": NOTE_LENGTH,
    }


def _rule_to_quote(rules: list[Rule], by_machine: Decision | None) -> int | None:
    """The rule that the machine went by; else the group's first on offers."""
    if by_machine is not None and by_machine.rule_id in {rule.id for rule in rules}:
        return by_machine.rule_id
    return next((rule.id for rule in rules if rule.concern == Concern.OFFERS), None)


@require_POST
@in_managed_group
def post_decision(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    """One decision for a post and for those ticked as like it. `item` names the entry of the queue that was read, and
    `version` the text."""
    post = get_object_or_404(Post, id=post_id, group=there.group)
    choice = _choice(request)
    if choice is None:
        return _refused(request, there, post, "Choose what to do with the post.")
    try:
        decisions = _decide_all(request, there, post, choice)
    except DecisionRefused as refusal:
        return _refused(request, there, post, str(refusal))
    return redirect(f"{_queue_at(there)}?{'&'.join(f'done={d.id}' for d in decisions)}")


def _refused(request: HttpRequest, there: Access, post: Post, why: str) -> HttpResponse:
    """With what the manager wrote, to be copied."""
    note = _note(request)
    messages.error(request, f"{why} You had written: ‘{note}’" if note else why)
    return redirect(_queue_at(there, post.id))


def _note(request: HttpRequest) -> str:
    return clean(request.POST.get("note", ""))[:NOTE_LENGTH]


def _choice(request: HttpRequest) -> Choice | None:
    action, lane, rule = (request.POST.get(name, "") for name in ("do", "lane", "rule"))
    if action not in Action.values:
        return None
    return Choice(
        action=Action(action),
        lane=Lane(lane) if lane in Lane.values else Lane.PROMOTIONS,
        note="" if action == Action.ACCEPT else _note(request),
        rule_id=int(rule) if action != Action.ACCEPT and _is_number(rule) else None,
    )


@again_after_deadlock
@transaction.atomic
def _decide_all(request: HttpRequest, there: Access, post: Post, choice: Choice) -> list[Decision]:
    _still_as_read(request.POST.get("version", ""), post)
    _still_waiting(request.POST.get("item", ""), post)
    return [decide(each, choice, there.person.id) for each in [post.id, *_like_it(request, there, post)]]


def _like_it(request: HttpRequest, there: Access, post: Post) -> list[int]:
    """Those that were ticked and wait still. Raises DecisionRefused where one says something else than it did on the
    page, by `version_` and its number."""
    also = [int(value) for value in request.POST.getlist("also")[: waiting.ALIKE_SHOWN] if _is_number(value)]
    ticked = Post.objects.filter(id__in=also, group=there.group, status=Status.HELD).exclude(id=post.id)
    versions = dict(ticked.select_for_update().order_by("id").values_list("id", "version"))
    for post_id, version in versions.items():
        read = request.POST.get(f"version_{post_id}", "")
        if _is_number(read) and int(read) != version:
            raise DecisionRefused("A post like it was changed while you read. See which you tick, then decide.")
    return list(versions)


def _still_as_read(version: str, post: Post) -> None:
    """Raises DecisionRefused where its author has changed or deleted what this manager was still reading."""
    # The post is locked before its place in the queue, as by an edit.
    as_it_is = Post.objects.select_for_update().get(id=post.id)
    if as_it_is.status == Status.DELETED:
        raise DecisionRefused("Its author has deleted this post since.")
    if _is_number(version) and int(version) != as_it_is.version:
        raise DecisionRefused("Its author has changed the post while you read it. Read it once more, then decide.")


def _still_waiting(item_id: str, post: Post) -> None:
    """Raises DecisionRefused where somebody else has decided what this manager was still reading."""
    if not _is_number(item_id):
        return
    item = ReviewItem.objects.select_for_update(of=("self",)).filter(id=int(item_id), post=post).first()
    if item is None:
        raise DecisionRefused("It does not wait any more: its flags were taken back, or it was deleted and put back.")
    if item.decision_id is None:
        return
    decision = Decision.objects.filter(item=item).select_related("decided_by").first()
    who = decision.decided_by.name if decision and decision.decided_by else "Somebody"
    raise DecisionRefused(f"{who} has decided this one already. Nothing was changed by you.")


@require_POST
@in_managed_group
def decision_undo(request: HttpRequest, there: Access, decision_id: int) -> HttpResponse:
    """Takes back a decision, and those taken with it (`with`)."""
    decision = get_object_or_404(Decision, id=decision_id, group=there.group)
    together = [int(value) for value in request.POST.getlist("with")[: waiting.ALIKE_SHOWN] if _is_number(value)]
    also = Decision.objects.filter(id__in=together, group=there.group).exclude(id=decision.id)
    try:
        _undo_all([decision.id, *also.values_list("id", flat=True)], there.person.id)
    except DecisionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(_queue_at(there))
    messages.success(request, f"Taken back. On the site everything is as it was before.{_had_it_by_mail(decision)}")
    return redirect(_queue_at(there, decision.post_id))


@again_after_deadlock
@transaction.atomic
def _undo_all(decision_ids: Sequence[int], by_id: int) -> None:
    for each in decision_ids:
        undo(each, by_id)


def _had_it_by_mail(decision: Decision) -> str:
    """A mail can't be taken back."""
    mails = OutboundMessage.objects.filter(thing=f"post:{decision.post_id}", sent_at__gte=decision.decided_at).count()
    return f" {mails} {'member' if mails == 1 else 'members'} had the post by mail meanwhile." if mails else ""


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 18


def _queue_at(there: Access, post_id: int | None = None) -> str:
    address = reverse("group_review", kwargs={"slug": there.group.slug})
    return f"{address}?post={post_id}" if post_id else address
