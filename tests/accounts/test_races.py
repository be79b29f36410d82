"""Two requests, one moment: real connections."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings

from moothall.members.models import Profile
from tests.accounts.test_sign_up import NEWCOMER, follow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_limits_left_behind() -> Iterator[None]:
    """What the site counted is in a table that no test empties, and stays for the next file."""
    yield
    cache.clear()


# Between looking for the address and keeping it, a password is hashed as slowly as on a site.
@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"])
def test_double_click_on_sign_up_signs_up_once() -> None:
    start = Barrier(2)

    def click(client: Client) -> str:
        try:
            start.wait(timeout=10)
            return client.post("/account/signup/", NEWCOMER)["Location"]
        finally:
            connection.close()

    clients = [Client(), Client()]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(click, clients))
    assert answers == ["/account/confirm-email/"] * 2
    assert Profile.objects.get().name == "Nora Nailer"
    assert {sent.to[0] for sent in mail.outbox} == {NEWCOMER["email"]}
    follow(clients[0])
    assert "_auth_user_id" in clients[0].session
