"""Pages that say how this house works: the same for everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from moothall.judging.standing import CONTRIBUTIONS, FIRST_DAYS_AGO


def how_posts_are_read(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "home/how_posts_are_read.html",
        {"contributions": CONTRIBUTIONS, "first_days_ago": FIRST_DAYS_AGO},
    )


def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "home/accessibility.html")
