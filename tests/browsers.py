"""Browsers in which somebody is logged in already."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from moothall.accounts.session_activity import SEEN_AT
from moothall.core.clock import now
from moothall.members.models import Profile


def as_(profile: Profile) -> Client:
    """By the cookie of a session that was in use a moment ago, which is one row; a log-in and its first page are many.

    Where log-ins are counted, or the places where somebody is logged in, log in.
    """
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(profile)
    return client


def session_of(profile: Profile) -> str:
    assert profile.user is not None
    session = SessionStore()
    session[SESSION_KEY] = str(profile.user.pk)
    (session[BACKEND_SESSION_KEY],) = settings.AUTHENTICATION_BACKENDS
    session[HASH_SESSION_KEY] = profile.user.get_session_auth_hash()
    session[SEEN_AT] = now().timestamp()
    session.create()
    assert session.session_key is not None
    return session.session_key
