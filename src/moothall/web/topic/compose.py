"""Beginning a conversation."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from moothall.discussions.drafts import found_at
from moothall.discussions.models import TITLE_LENGTH, Kind, Lane
from moothall.groups.access import Access
from moothall.moderation.reach import BEYOND
from moothall.posting.submission import Result
from moothall.rules.current import current_rules
from moothall.web.reader import in_joined_group
from moothall.web.topic.addresses import address_of
from moothall.web.topic.preview import shown
from moothall.web.topic.sending import chosen, draft_place, keep, send
from moothall.web.topic.written import Written, by_field, from_draft, from_form

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@in_joined_group
def compose(request: HttpRequest, there: Access) -> HttpResponse:
    if request.method != "POST":
        return _begin(request, there)
    written = from_form(request.POST)
    match request.POST.get("go"):
        case "draft":
            return kept(request, there, written, None)
        case "preview":
            return compose_page(request, there, written, {"shown": shown(there, written, None)})
    outcome = send(there, written, None)
    if outcome.is_refused:
        return compose_page(request, there, written.to_send_again(), {"problems": by_field(outcome.problems)}, REFUSED)
    if outcome.result == Result.PUBLISHED and outcome.lane not in (None, Lane.DISCUSSIONS):
        messages.info(request, f"It stands in {outcome.lane.label}.")
    if outcome.is_beyond_reach:
        messages.info(request, BEYOND)
    return redirect(address_of(there.group.slug, outcome))


def _begin(request: HttpRequest, there: Access) -> HttpResponse:
    drafts = found_at(draft_place(there, None))
    draft = chosen(request, drafts)
    begun = from_draft(draft) if draft else Written()
    asked = request.GET.get("kind", "")
    if asked in Kind.values:
        begun = replace(begun, kind=Kind(asked))
    return compose_page(request, there, begun, {"draft": draft, "has_other_drafts": len(drafts) > 1})


def compose_page(
    request: HttpRequest, there: Access, written: Written, further: dict[str, object], status: int = 200
) -> HttpResponse:
    context = {
        "group": there.group,
        "written": written.with_key(),
        "kinds": Kind,
        "rules": current_rules(there.group),
        "title_most": TITLE_LENGTH,
        "nav": "groups",
        **further,
    }
    return render(request, "topic/compose.html", context, status=status)


def kept(request: HttpRequest, there: Access, written: Written, topic_id: int | None) -> HttpResponse:
    if keep(there, written, topic_id):
        messages.success(request, "It is kept as a draft; only you see it.")
    else:
        messages.info(request, "There was nothing to keep yet.")
    return redirect("drafts")
