"""The way out of a mail, without log-in: a page of buttons, and the one click of mail programs (RFC 8058).

A GET never changes anything, since scanners follow every link. The token in the address is what allows it: there is no
cookie, so nothing that another site could make a browser do in somebody's name.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from moothall.groups.mail_choice import (
    CHOICES,
    EVERYWHERE,
    KINDS,
    LANES,
    PACES,
    choose_mail,
    stop_everywhere,
    stop_pace,
)
from moothall.groups.models import MailChoice, Membership
from moothall.mailer.addresses import Stop, read_stop_token
from moothall.web.mail.choices import says


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    stop = read_stop_token(token)
    if stop is not None and stop.what in EVERYWHERE and not stop.group_id:
        return _everywhere(request, stop)
    membership = _membership(stop) if stop is not None and stop.what in (*KINDS, *PACES) else None
    if stop is None or membership is None:
        return render(request, "mail/stop_unknown.html", status=404)
    if stop.what in PACES:
        return _digest(request, membership, MailChoice(stop.what))
    if request.method != "POST":
        return _page(request, membership, stop, "")
    asked = request.POST.get("mail", MailChoice.NONE)
    choice = MailChoice(asked) if asked in CHOICES[stop.what] else MailChoice.NONE
    choose_mail(stop.group_id, stop.profile_id, stop.what, choice)
    membership.refresh_from_db()
    return _page(request, membership, stop, says(choice, membership.group.name, stop.what))


def _everywhere(request: HttpRequest, stop: Stop) -> HttpResponse:
    """The way out of a mail that is of all groups."""
    if request.method == "POST":
        stop_everywhere(stop.profile_id, stop.what)
    context = {"what": stop.what, "is_done": request.method == "POST", "path": request.path}
    return render(request, "mail/stop_everywhere.html", context)


def _digest(request: HttpRequest, membership: Membership, pace: MailChoice) -> HttpResponse:
    """The way out of a mail that tells of several lanes of a group."""
    lanes = [lane for lane in LANES if membership.mail_of(lane) == pace]
    if request.method == "POST":
        stop_pace(membership.group_id, membership.profile_id, pace)
    context = {
        "group": membership.group,
        "pace": pace.label.lower(),
        "lanes": lanes,
        "is_stopped": request.method == "POST" or not lanes,
        "path": request.path,
    }
    return render(request, "mail/stop_digest.html", context)


def _membership(stop: Stop) -> Membership | None:
    mine = Membership.objects.active().filter(group=stop.group_id, profile=stop.profile_id)
    return mine.select_related("group").first()


def _page(request: HttpRequest, membership: Membership, stop: Stop, done: str) -> HttpResponse:
    now_chosen = membership.mail_of(stop.what)
    return render(
        request,
        "mail/stop.html",
        {
            "group": membership.group,
            "lane": stop.what,
            "chosen": now_chosen,
            "choices": [(choice.value, choice.label) for choice in CHOICES[stop.what]],
            "done": done,
            "path": request.path,
        },
    )
