from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from moothall.groups.create import create
from moothall.groups.refusal import Refusal
from moothall.members.models import Profile
from moothall.web.manage.forms import NewGroupForm, hint_at_width, show_refusal
from moothall.web.reader import for_members


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def group_new(request: HttpRequest, profile: Profile) -> HttpResponse:
    form = NewGroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = create(form.new_group(), by_id=profile.id)
        if not isinstance(answer, Refusal):
            messages.success(request, f"{answer.name} is founded. Now write down its rules.")
            hint_at_width(request, answer.purpose)
            return redirect("group_rules_edit", slug=answer.slug)
        show_refusal(form, answer)
    return render(request, "manage/group_new.html", {"form": form, "nav": "groups"})
