"""Who is in a group: for its members."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from moothall.groups.access import Access
from moothall.web.group.frame import frame
from moothall.web.group.words import asked_words
from moothall.web.reader import in_joined_group

MEMBERS_PER_PAGE = 60


@in_joined_group
def group_members(request: HttpRequest, there: Access) -> HttpResponse:
    asked = asked_words(request)
    members = there.group.memberships.active().select_related("profile")
    if asked:
        members = members.filter(
            Q(profile__name__icontains=asked)
            | Q(profile__headline__icontains=asked)
            | Q(profile__knows__icontains=asked)
        )
    # "owner", "moderator", "member" in the reverse of the alphabet.
    ordered = members.order_by("-role", Lower("profile__name"), "id")
    page = Paginator(ordered, MEMBERS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "group/members.html",
        {
            "frame": frame(there),
            "group": there.group,
            "access": there,
            "page": page,
            "asked": asked,
            "nav": "groups",
        },
    )
