from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.test import override_settings

from moothall.accounts.models import User
from tests.world import World, build_world


@pytest.fixture
def world() -> Iterator[World]:
    made = build_world()
    for user in User.objects.all():
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    with override_settings(AUTHENTICATION_HOST="mx.moot.example"):
        yield made
