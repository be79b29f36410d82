from __future__ import annotations

import pytest
from django.test import Client

from moothall.members.models import Profile
from tests.world import World, build_world


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def as_(profile: Profile) -> Client:
    """A browser in which this person is logged in."""
    client = Client()
    assert profile.user is not None
    client.force_login(profile.user)
    return client
