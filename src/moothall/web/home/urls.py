from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from moothall.web.home.home import home
from moothall.web.home.pages import accessibility, how_posts_are_read

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("how-posts-are-read/", how_posts_are_read, name="how_posts_are_read"),
    path("accessibility/", accessibility, name="accessibility"),
]
