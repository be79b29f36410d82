from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.test import override_settings

from moothall.accounts.models import User
from tests.world import World


@pytest.fixture
def world(world: World) -> Iterator[World]:
    for user in User.objects.all():
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    with override_settings(AUTHENTICATION_HOST="mx.moot.example"):
        yield world
