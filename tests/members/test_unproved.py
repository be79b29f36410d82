"""Who signs up and never proves the address leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.members.models import Profile
from moothall.members.tasks import forget_unproved_sign_ups
from moothall.members.unproved import KEPT, forget_unproved
from tests.world import PASSWORD, build_world

pytestmark = pytest.mark.django_db


def sign_up(client: Client, email: str = "nora@moothall.example") -> User:
    client.post("/account/signup/", {"name": "Nora Nailer", "email": email, "password1": PASSWORD})
    return User.objects.get(email=email)


def signed_up_long_ago(user: User, **changed: object) -> None:
    User.objects.filter(pk=user.pk).update(joined_at=now() - KEPT - timedelta(hours=1), **changed)


def test_a_sign_up_never_proved_is_forgotten_after_14_days(client: Client) -> None:
    signed_up_long_ago(sign_up(client))
    forget_unproved_sign_ups(timestamp=0)
    assert not User.objects.filter(email="nora@moothall.example").exists()
    assert not Profile.objects.filter(name="Nora Nailer").exists()
    assert not EmailAddress.objects.filter(email="nora@moothall.example").exists()


def test_the_mail_and_the_page_say_after_how_many_days(client: Client) -> None:
    client.post("/account/signup/", {"name": "Nora", "email": "nora@moothall.example", "password1": PASSWORD})
    said = f"after {KEPT.days} days"
    assert said in str(mail.outbox[0].body)
    assert said in client.get("/account/confirm-email/").content.decode()


def test_a_sign_up_of_yesterday_waits(client: Client) -> None:
    user = sign_up(client)
    User.objects.filter(pk=user.pk).update(joined_at=now() - KEPT + timedelta(hours=1))
    assert forget_unproved() == 0


@pytest.mark.parametrize("changed", [{"last_login": now()}, {"is_staff": True}, {"is_superuser": True}])
def test_who_came_in_once_or_was_made_by_hand_stays(client: Client, changed: dict[str, object]) -> None:
    signed_up_long_ago(sign_up(client), **changed)
    assert forget_unproved() == 0


def test_who_proved_the_address_stays(client: Client) -> None:
    user = sign_up(client)
    EmailAddress.objects.filter(user=user).update(verified=True)
    signed_up_long_ago(user)
    assert forget_unproved() == 0


def test_one_who_wrote_something_all_the_same_keeps_others_from_nothing(client: Client) -> None:
    """Their posts name them, so they stay, and the next is forgotten."""
    world = build_world()
    User.objects.update(joined_at=now() - KEPT - timedelta(days=1))
    signed_up_long_ago(sign_up(client))
    assert forget_unproved() >= 1
    assert User.objects.filter(profile=world.mia).exists()
    assert not User.objects.filter(email="nora@moothall.example").exists()
