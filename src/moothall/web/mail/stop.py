"""The way out of a mail, without log-in: a page of buttons, and the one click of mail programs (RFC 8058).

A GET never changes anything, since scanners follow every link. The token in the address is what allows it: there is no
cookie, so nothing that another site could make a browser do in somebody's name.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from moothall.groups.mail_choice import CHOICES, EVERYWHERE, KINDS, choose_mail, stop_everywhere
from moothall.groups.models import MailChoice, Membership
from moothall.mailer.addresses import Stop, read_stop_token
from moothall.web.mail.choices import says


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    stop = read_stop_token(token)
    if stop is not None and stop.what in EVERYWHERE:
        return _everywhere(request, stop)
    membership = _membership(stop) if stop is not None and stop.what in KINDS else None
    if stop is None or membership is None:
        return render(request, "mail/stop_unknown.html", status=404)
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
