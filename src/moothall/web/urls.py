"""Every address of the site. Each part keeps its own list; a table-driven test tries each one by all five personas."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("moothall.web.home.urls")),
    # Before the groups, whose short names would take "new" for one of them.
    path("", include("moothall.web.manage.urls")),
    path("", include("moothall.web.group.urls")),
    path("", include("moothall.web.mail.urls")),
    path("", include("moothall.web.topic.urls")),
    path("", include("moothall.web.people.urls")),
    path("", include("moothall.web.account.urls")),
    path("", include("moothall.web.search.urls")),
]
