"""The way out of mailed invitations, for people without an account too: a page, and the one click of RFC 8058."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from moothall.groups.invite_by_mail import read_stop_invitations_token, stop_invitations


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def invitations_stop(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing, since scanners follow every link."""
    address_hash = read_stop_invitations_token(token)
    if address_hash is None:
        return render(request, "mail/stop_unknown.html", status=404)
    if request.method == "POST":
        stop_invitations(address_hash)
    return render(request, "mail/stop_invitations.html", {"is_done": request.method == "POST", "path": request.path})
