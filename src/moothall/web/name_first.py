"""Whoever is logged in and has no profile yet would be led in a circle by a link to log in."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from moothall.web.reader import is_nameless

DOORS = ("account_login", "account_signup")


class NameFirst:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponseBase | None:
        at = request.resolver_match
        if at is None or at.url_name not in DOORS or not is_nameless(request):
            return None
        return redirect_to_login(request.GET.get("next", ""), reverse("account_name"))
