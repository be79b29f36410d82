from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from moothall.web.people.profile import profile

urlpatterns: list[URLPattern | URLResolver] = [
    path("people/<slug:handle>/", profile, name="profile"),
]
