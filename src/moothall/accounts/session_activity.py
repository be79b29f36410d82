"""Keeps when and from where each session was last used, for the list of places where somebody is logged in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from moothall.core.clock import now

SEEN_AT = "seen_at"
# allauth's own middleware writes on each request; nobody reads the list to the minute.
KEPT_FOR = timedelta(minutes=10)


class SessionActivity:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and request.session.session_key and _is_due(request):
            request.session[SEEN_AT] = now().timestamp()
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


def _is_due(request: HttpRequest) -> bool:
    seen_at = request.session.get(SEEN_AT, 0.0)
    return bool(now().timestamp() - seen_at > KEPT_FOR.total_seconds())
