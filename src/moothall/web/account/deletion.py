"""Deleting one's account: asked twice, with what will happen said before each answer."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import logout
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime

from moothall.accounts.deletion import ask_for_deletion
from moothall.accounts.deletion_forms import AskForDeletionForm, ConfirmDeletionForm
from moothall.accounts.models import Deletion, PostsAfterwards
from moothall.core.clock import now
from moothall.members.models import Profile
from moothall.posting.claiming import claimable
from moothall.posting.erasing import groups_to_hand_over
from moothall.web.reader import for_members

ANSWER = "deletion_answer"
ANSWER_HOLDS_FOR = timedelta(minutes=15)


@for_members
def deletion(request: HttpRequest, profile: Profile) -> HttpResponse:
    groups = groups_to_hand_over(profile)
    form = AskForDeletionForm(request.POST or None, user=profile.user)
    if request.method == "POST" and not groups and form.is_valid():
        request.session[ANSWER] = signing.dumps(form.cleaned_data["posts_afterwards"], salt=ANSWER)
        return redirect("account_delete_confirm")
    return render(
        request,
        "account/delete.html",
        {
            "form": form,
            "groups": groups,
            "grace_days": Deletion.GRACE.days,
            "profile": profile,
            "claimable": claimable(profile),
        },
    )


@for_members
def confirm_deletion(request: HttpRequest, profile: Profile) -> HttpResponse:
    posts_afterwards = _answer(request)
    if posts_afterwards is None or groups_to_hand_over(profile) or profile.user is None:
        return redirect("account_delete")
    form = ConfirmDeletionForm(request.POST or None, user=profile.user)
    if request.method == "POST" and form.is_valid():
        due_at = localtime(ask_for_deletion(profile.user, posts_afterwards).due_at)
        logout(request)
        messages.info(
            request, f"Your account will be deleted on {due_at:%-d %B}. Until then, logging in takes that back."
        )
        return redirect("account_login")
    return render(
        request,
        "account/delete_confirm.html",
        {"form": form, "is_keeping": posts_afterwards == PostsAfterwards.KEEP, "due_at": now() + Deletion.GRACE},
    )


def _answer(request: HttpRequest) -> PostsAfterwards | None:
    try:
        answer = signing.loads(request.session.get(ANSWER, ""), salt=ANSWER, max_age=ANSWER_HOLDS_FOR)
    except signing.BadSignature:
        return None
    return PostsAfterwards(answer)
