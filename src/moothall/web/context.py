from __future__ import annotations

from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest

from moothall.members.models import Profile
from moothall.notifications.reading import unread_count
from moothall.web.reader import reader


class PageContext(TypedDict):
    reader: Profile | None
    site_name: str
    signup_is_open: bool
    unread_count: int


def page(request: HttpRequest) -> PageContext:
    """What the frame of every page needs."""
    viewer = reader(request)
    return {
        "reader": viewer,
        "site_name": settings.SITE_NAME,
        "signup_is_open": settings.SIGNUP_IS_OPEN,
        "unread_count": unread_count(viewer) if viewer is not None else 0,
    }
