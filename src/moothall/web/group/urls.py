from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from moothall.web.group.about import group_about
from moothall.web.group.decisions import group_decisions
from moothall.web.group.directory import groups
from moothall.web.group.feed import group, group_jobs, group_promotions
from moothall.web.group.members import group_members

GROUP = "groups/<slug:slug>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("groups/", groups, name="groups"),
    path(GROUP, group, name="group"),
    path(f"{GROUP}promotions/", group_promotions, name="group_promotions"),
    path(f"{GROUP}jobs/", group_jobs, name="group_jobs"),
    path(f"{GROUP}about/", group_about, name="group_about"),
    path(f"{GROUP}members/", group_members, name="group_members"),
    path(f"{GROUP}decisions/", group_decisions, name="group_decisions"),
]
