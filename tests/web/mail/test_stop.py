"""The way out of a mail: without log-in, without cookie, by POST alone (RFC 8058)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from moothall.groups.models import MailChoice, Membership, MembershipState
from moothall.mailer.addresses import stop_token
from tests.world import World

pytestmark = pytest.mark.django_db


def place(world: World, what: str = "discussions") -> str:
    return reverse("mail_stop", args=[stop_token(world.mia.id, world.group.id, what)])


def choice(world: World, lane: str = "discussions") -> MailChoice:
    return Membership.objects.get(group=world.group, profile=world.mia).mail_of(lane)


def test_following_the_link_changes_nothing(world: World) -> None:
    answer = Client(enforce_csrf_checks=True).get(place(world))
    assert answer.status_code == 200
    assert "Stop this mail" in answer.content.decode()
    assert choice(world) == MailChoice.WEEKLY


def test_one_click_of_a_mail_program_stops_the_mail_and_keeps_the_membership(world: World) -> None:
    answer = Client(enforce_csrf_checks=True).post(place(world), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert choice(world) == MailChoice.NONE
    assert Membership.objects.get(profile=world.mia).state == MembershipState.ACTIVE


@pytest.mark.parametrize("what", ["discussions", "promotions", "keeping"])
def test_opened_again_it_says_that_the_mail_was_stopped(world: World, what: str) -> None:
    Client().post(place(world, what))
    told = Client().get(place(world, what)).content.decode()
    assert "The group mails you no" in told
    assert "Stop this mail" not in told


def test_it_sets_no_cookie(world: World) -> None:
    client = Client()
    client.get(place(world))
    client.post(place(world))
    assert not client.cookies


def test_a_button_chooses_another_pace(world: World) -> None:
    Client(enforce_csrf_checks=True).post(place(world), {"mail": "daily"})
    assert choice(world) == MailChoice.DAILY


def test_stopping_promotions_leaves_discussions(world: World) -> None:
    Membership.objects.filter(profile=world.mia).update(mail_promotions=MailChoice.DAILY)
    Client().post(place(world, "promotions"))
    assert (choice(world, "promotions"), choice(world)) == (MailChoice.NONE, MailChoice.WEEKLY)


@pytest.mark.parametrize("token", ["x", "a" * 200, "%00", "é"])
def test_a_forged_token_changes_nothing(world: World, token: str) -> None:
    answer = Client().post(reverse("mail_stop", args=[token]))
    assert answer.status_code == 404
    assert choice(world) == MailChoice.WEEKLY


def test_a_token_for_something_else_stops_nothing(world: World) -> None:
    assert Client().post(place(world, "digest")).status_code == 404
    assert choice(world) == MailChoice.WEEKLY


def test_everything_in_all_groups_is_stopped_by_the_notice_of_absence(world: World) -> None:
    where = reverse("mail_stop", args=[stop_token(world.mia.id, 0, "everything")])
    Client(enforce_csrf_checks=True).get(where)
    assert choice(world) == MailChoice.WEEKLY
    Client(enforce_csrf_checks=True).post(where, {"List-Unsubscribe": "One-Click"})
    mine = Membership.objects.get(group=world.group, profile=world.mia)
    assert {mine.mail_of(kind) for kind in ("discussions", "promotions", "jobs", "keeping")} == {MailChoice.NONE}
    assert Membership.objects.get(group=world.group, profile=world.mo).mail_discussions == MailChoice.WEEKLY
