"""For a log-in that has no profile yet: one made on the command line."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from moothall.accounts.models import User
from moothall.members.sign_up import SignUpForm
from moothall.web.reader import reader


@login_required
def name(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        wanted = ""
    form = SignUpForm(request.POST or None)
    is_named = reader(request) is not None
    if not is_named and request.method == "POST" and form.is_valid() and isinstance(request.user, User):
        form.signup(request, request.user)
        is_named = True
    if is_named:
        return redirect(wanted or "account")
    return render(request, "account/name.html", {"form": form, "wanted": wanted})
