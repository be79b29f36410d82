"""One click: how often a group mails its member."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from moothall.groups.access import Access
from moothall.groups.mail_choice import KEEPING, LANES, choose_mail
from moothall.groups.models import MailChoice
from moothall.web.reader import in_joined_group

SAYS = {
    MailChoice.INSTANT: "Each post of {where} comes to you at once.",
    MailChoice.DAILY: "{where} mails you once a day, when there is something.",
    MailChoice.WEEKLY: "{where} mails you on Fridays, when there is something.",
    MailChoice.NONE: "{where} mails you nothing. It is all on the site.",
}

KEEPING_SAYS = {
    MailChoice.DAILY: "What waits for the managers of {where} is mailed to you once a day, when there is something.",
    MailChoice.WEEKLY: "What waits for the managers of {where} is mailed to you once a week, when there is something.",
    MailChoice.NONE: "You are mailed nothing of what waits for the managers of {where}. It is all on the site.",
}


@require_POST
@in_joined_group
def group_mail(request: HttpRequest, there: Access) -> HttpResponse:
    choice, lane = request.POST.get("mail", ""), request.POST.get("lane", "discussions")
    if choice not in MailChoice.values or lane not in LANES:
        return HttpResponseBadRequest("Choose Instant, Daily, Weekly or None.")
    choose_mail(there.group.id, there.person.id, lane, MailChoice(choice))
    messages.success(request, says(MailChoice(choice), there.group.name, lane))
    return redirect(_back(request, there))


def says(choice: MailChoice, group_name: str, lane: str) -> str:
    if lane == KEEPING:
        return KEEPING_SAYS[choice].format(where=group_name)
    where = group_name if lane == "discussions" else f"{lane.capitalize()} in {group_name}"
    return SAYS[choice].format(where=where)


def _back(request: HttpRequest, there: Access) -> str:
    """To the page with the buttons, if it is one of ours."""
    wanted = request.POST.get("back", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else f"/groups/{there.group.slug}/"
