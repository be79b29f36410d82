from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from moothall.web.search.search import search

urlpatterns: list[URLPattern | URLResolver] = [path("search/", search, name="search")]
