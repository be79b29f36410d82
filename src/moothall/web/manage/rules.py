"""The rules editor, which needs no script: every button sends the whole form, and only Save writes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from moothall.core.text import clean_line
from moothall.groups.access import Access
from moothall.groups.refusal import Refusal
from moothall.rules.compare import Change, changes
from moothall.rules.current import current_edition
from moothall.rules.models import Concern, RulesEdition
from moothall.rules.publish import CHANGED_MEANWHILE, MOST_RULES, TEXT_LENGTH, DraftRule, publish
from moothall.web.group.frame import frame
from moothall.web.reader import for_search_engines, in_findable_group, in_managed_group
from moothall.web.topic.written import number

EDITIONS_SHOWN = 20
NEW_GROUP_RULES = (
    DraftRule("Keep to the shared interest.", Concern.TOPIC),
    DraftRule("Don’t sell to the group. Your profile is the place for that.", Concern.OFFERS),
    DraftRule("Disagree with the post, not with the person.", Concern.CONDUCT),
)


@dataclass(frozen=True, slots=True)
class EditionShown:
    edition: RulesEdition
    changes: list[Change]


@require_safe
@in_findable_group
def group_rules(request: HttpRequest, there: Access) -> HttpResponse:
    """The rules as they stand, and what changed, when and by whom; `?before=` goes on with earlier editions."""
    before = number(request.GET.get("before", ""))
    found = RulesEdition.objects.filter(group=there.group).select_related("published_by").prefetch_related("rules")
    told = found.filter(number__lte=before) if before else found
    editions = list(told.order_by("-number")[: EDITIONS_SHOWN + 1])
    history = [
        EditionShown(after, changes(list(before.rules.all()), list(after.rules.all())))
        for after, before in pairwise(editions)
    ]
    context = {
        "frame": frame(there),
        "group": there.group,
        "access": there,
        "current": current_edition(there.group) if before else next(iter(editions), None),
        "first": editions[-1] if editions and editions[-1].number == 1 else None,
        "earlier": editions[-1].number if editions and editions[-1].number > 1 else None,
        "history": history,
        "nav": "groups",
    }
    return for_search_engines(render(request, "manage/group_rules.html", context), there.group)


@require_http_methods(["GET", "HEAD", "POST"])
@in_managed_group
def group_rules_edit(request: HttpRequest, there: Access) -> HttpResponse:
    edition = current_edition(there.group)
    drafts, seen, refusal = _stored(edition), edition.number if edition else 0, None
    if request.method == "POST":
        drafts, seen = _typed(request.POST), _seen(request.POST)
        if request.POST.get("do", "save") == "save":
            answer = publish(there.group.id, drafts, by_id=there.person.id, seen_edition=seen)
            if not isinstance(answer, Refusal):
                return _published(request, there, answer, is_new=answer.number > seen)
            refusal = answer
            # Only then is the other one's edition on the page, to be compared.
            seen = edition.number if edition and answer is CHANGED_MEANWHILE else seen
        else:
            drafts = _rearranged(drafts, request.POST["do"])
    context = {
        "group": there.group,
        "access": there,
        "tab": "rules",
        "drafts": drafts,
        "seen_edition": seen,
        "refusal": refusal,
        "stored": _stored(edition) if refusal is CHANGED_MEANWHILE else [],
        "concerns": Concern.choices,
        "text_length": TEXT_LENGTH,
        "may_add": len(drafts) < MOST_RULES,
    }
    return render(request, "manage/group_rules_edit.html", context)


def _published(request: HttpRequest, there: Access, edition: RulesEdition, *, is_new: bool) -> HttpResponse:
    if is_new:
        messages.success(request, "The rules are changed. Members are told at their next visit.")
    else:
        messages.info(request, "Nothing was changed.")
    return redirect("group_rules", slug=there.group.slug)


def _stored(edition: RulesEdition | None) -> list[DraftRule]:
    if edition is None:
        return list(NEW_GROUP_RULES)
    return [DraftRule(rule.text, Concern(rule.concern)) for rule in edition.rules.all()]


def _typed(data: QueryDict) -> list[DraftRule]:
    """The rules as they stand in the form, whole, however long."""
    concerns = data.getlist("concern")
    texts = [clean_line(text) for text in data.getlist("text")][: MOST_RULES + 1]
    return [DraftRule(text, _concern(concerns[n] if n < len(concerns) else "")) for n, text in enumerate(texts)]


def _concern(value: str) -> Concern:
    return Concern(value) if value in Concern.values else Concern.OTHER


def _seen(data: QueryDict) -> int:
    return number(data.get("seen_edition", "")) or 0


def _rearranged(drafts: list[DraftRule], act: str) -> list[DraftRule]:
    """`act` is add, or up, down or remove with the number of a rule: up-3."""
    verb, _, place = act.partition("-")
    at = (number(place) or 0) - 1
    moved = list(drafts)
    if verb == "add" and len(moved) < MOST_RULES:
        moved.append(DraftRule(""))
    elif not 0 <= at < len(moved):
        return moved
    elif verb == "remove":
        del moved[at]
    elif verb == "up" and at > 0:
        moved[at - 1], moved[at] = moved[at], moved[at - 1]
    elif verb == "down" and at + 1 < len(moved):
        moved[at], moved[at + 1] = moved[at + 1], moved[at]
    return moved
