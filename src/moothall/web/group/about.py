"""What a group is for, its rules, who keeps it and how to join: for everybody who may know that it exists."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from moothall.groups.access import Access
from moothall.rules.current import current_rules
from moothall.web.group.frame import frame, managers
from moothall.web.reader import for_search_engines, in_findable_group


@in_findable_group
def group_about(request: HttpRequest, there: Access) -> HttpResponse:
    if there.may_reopen:
        return redirect("group_reopen", slug=there.group.slug)
    response = render(
        request,
        "group/about.html",
        {
            "frame": frame(there),
            "group": there.group,
            "access": there,
            "rules": current_rules(there.group),
            "managers": managers(there.group),
            "nav": "groups",
        },
    )
    return for_search_engines(response, there.group)
