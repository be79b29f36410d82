from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from moothall.groups.access import Access
from moothall.groups.join import Application, join
from moothall.groups.models import Group, MembershipState
from moothall.groups.refusal import Refusal
from moothall.moderation.office import leave
from moothall.rules.accept import accept, accepted_edition
from moothall.rules.current import current_edition
from moothall.rules.models import RulesEdition
from moothall.web.manage.forms import AcceptRulesForm, JoinForm, show_refusal
from moothall.web.reader import in_findable_group, in_joined_group, is_nameless, to_log_in


def application_from(form: JoinForm, edition: RulesEdition | None) -> Application | None:
    """What the form brings; None, with the reason in the form, where it does not do."""
    if not form.is_valid():
        return None
    given = form.cleaned_data
    number = accepted_edition(edition, says_yes=given["accepts"], seen_edition=given["seen_edition"] or 0)
    if isinstance(number, Refusal):
        show_refusal(form, number)
        return None
    return Application(rules_edition=number, answer=given["answer"])


def welcome(request: HttpRequest, group: Group, state: str) -> HttpResponse:
    if state == MembershipState.ACTIVE:
        messages.success(request, f"Welcome to {group.name}. You can read and write here now.")
        return redirect("group", slug=group.slug)
    messages.success(request, "Your request is with the managers. You find their answer on this page.")
    return redirect("group_join", slug=group.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@in_findable_group
def group_join(request: HttpRequest, there: Access) -> HttpResponse:
    """Everybody who may find the group reads here how to join; to do it one logs in."""
    if there.may_reopen:
        return redirect("group_reopen", slug=there.group.slug)
    if there.is_member:
        return redirect("group", slug=there.group.slug)
    if there.profile is None and (request.method == "POST" or is_nameless(request)):
        return to_log_in(request)
    edition = current_edition(there.group)
    form = JoinForm(request.POST or None)
    if there.profile is not None and request.method == "POST" and (application := application_from(form, edition)):
        answer = join(there.group.id, there.profile.id, application)
        if not isinstance(answer, Refusal):
            return welcome(request, there.group, answer.state)
        show_refusal(form, answer)
    return render(
        request,
        "manage/group_join.html",
        {"group": there.group, "access": there, "form": form, "edition": edition, "nav": "groups"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_findable_group
def group_leave(request: HttpRequest, there: Access) -> HttpResponse:
    """Leave, or take back the wish to join."""
    if there.profile is None:
        return to_log_in(request)
    if not there.is_member and not there.is_pending:
        return redirect("group_join", slug=there.group.slug)
    if request.method == "POST":
        refusal = leave(there.group.id, there.profile.id)
        if refusal is None:
            done = "You have left" if there.is_member else "You have taken back your request to join"
            messages.success(request, f"{done} {there.group.name}.")
            return redirect("groups")
        messages.error(request, refusal.message)
    return render(request, "manage/group_leave.html", {"group": there.group, "access": there, "nav": "groups"})


@require_http_methods(["GET", "HEAD", "POST"])
@in_joined_group
def group_rules_accept(request: HttpRequest, there: Access) -> HttpResponse:
    """For members whose rules have changed since they joined."""
    edition = current_edition(there.group)
    form = AcceptRulesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        number = accepted_edition(edition, says_yes=given["accepts"], seen_edition=given["seen_edition"] or 0)
        if not isinstance(number, Refusal):
            accept(there.group.id, there.person.id, number)
            messages.success(request, "Thank you for reading the rules.")
            return redirect("group", slug=there.group.slug)
        show_refusal(form, number)
    context = {"group": there.group, "access": there, "form": form, "edition": edition, "nav": "groups"}
    return render(request, "manage/group_rules_accept.html", context)
