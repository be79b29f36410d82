from __future__ import annotations

from django.test import Client

from moothall.members.models import Profile


def as_(profile: Profile) -> Client:
    """A browser in which this person is logged in."""
    client = Client()
    assert profile.user is not None
    client.force_login(profile.user)
    return client
