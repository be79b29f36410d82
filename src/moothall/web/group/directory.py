"""All groups that one may find: one's own first, and those which want to be found."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from moothall.groups.close import closed_by
from moothall.groups.models import Group, Membership, MembershipState
from moothall.web.group.words import asked_words
from moothall.web.reader import reader

GROUPS_PER_PAGE = 30


def groups(request: HttpRequest) -> HttpResponse:
    viewer = reader(request)
    asked = asked_words(request)
    own = Membership.objects.filter(profile=viewer, group=OuterRef("id"))
    found = (
        Group.objects.findable_by(viewer)
        .with_members_counted()
        .annotate(
            is_own=Exists(own.active()),
            is_asked=Exists(own.filter(state=MembershipState.PENDING)),
        )
    )
    if asked:
        found = found.filter(Q(name__icontains=asked) | Q(purpose__icontains=asked))
    page = Paginator(found.order_by("-is_own", "name", "id"), GROUPS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "asked": asked, "closed": closed_by(viewer) if viewer else [], "nav": "groups"}
    return render(request, "group/directory.html", context)
