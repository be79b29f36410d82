"""Invitations by mail, from the managers' page to the mailbox and to the way out, through a real SMTP server."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.utils.html import escape

from moothall.core.clock import now
from moothall.groups.invite import withdraw
from moothall.groups.invite_by_mail import MAILED_A_DAY, uninvited
from moothall.groups.models import Group, Invitation, Membership, MembershipState, Role, UninvitedAddress
from moothall.mailer.addresses import mail_domain
from moothall.mailer.bounces import record
from moothall.mailer.models import OutboundMessage
from moothall.mailer.sending import send_due
from moothall.notifications.preparing import prepare
from moothall.rules.current import current_rules
from tests.smtp_sink import Sink
from tests.world import World, join, new_group, person

pytestmark = pytest.mark.django_db
ADDRESS = "lou.lark@elsewhere.example"


def asked(world: World, address: str, group: Group | None = None) -> str:
    """What the managers' page says to Mo."""
    client = Client()
    assert world.mo.user is not None
    client.force_login(world.mo.user)
    slug = (group or world.group).slug
    given = {"address": address, "do": "mail"}
    return client.post(f"/groups/{slug}/invitations/", given, follow=True).content.decode()


def link_in(text: str, path: str) -> str:
    found = re.search(rf"https?://[^/\s]+({path}\S+)", text)
    assert found is not None
    return found[1]


def test_invitation_is_mailed_once_and_its_link_lets_the_reader_in(world: World, sink: Sink) -> None:
    assert f"The invitation goes to {ADDRESS}" in asked(world, ADDRESS.upper())
    assert "mailed an invitation to that address before" in asked(world, ADDRESS)
    assert send_due(prepare).sent == 1
    mail = sink.mails[0]
    assert mail.recipient == ADDRESS
    assert mail.message["Subject"] == "Mo Marsh invites you to Old houses"
    assert mail.message["Reply-To"] == f"{world.group.slug}-owner@{mail_domain()}"
    # As it says, its link shows the rules before anybody logs in.
    shown = Client().get(link_in(mail.part("plain"), "/invitations/")).content.decode()
    assert all(escape(rule.text) in shown for rule in current_rules(world.group))
    for kind in ("plain", "html"):
        assert world.group.purpose in " ".join(mail.part(kind).split())
    lou = person("Lou Lark", ADDRESS)
    client = Client()
    assert lou.user is not None
    client.force_login(lou.user)
    client.post(link_in(mail.part("plain"), "/invitations/"), {"accepts": "on", "seen_edition": "1"})
    assert Membership.objects.filter(group=world.group, profile=lou, state=MembershipState.ACTIVE).exists()


def test_reader_can_ask_never_to_be_written_to_again_by_any_group(world: World, sink: Sink) -> None:
    asked(world, ADDRESS)
    send_due(prepare)
    mail = sink.mails[0]
    way_out = link_in(mail.part("plain"), "/mail/invitations/")
    assert way_out in mail.message["List-Unsubscribe"]
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "With this button" in Client().get(way_out).content.decode()
    assert not UninvitedAddress.objects.exists()
    for _ in range(2):
        page = Client(enforce_csrf_checks=True).post(way_out, {"List-Unsubscribe": "One-Click"}).content.decode()
    assert "No group here mails you an invitation again." in page
    other = new_group("elsewhere")
    join(other, world.mo, Role.OWNER)
    assert f"The invitation goes to {ADDRESS}" in asked(world, ADDRESS, other)
    assert send_due(prepare).dropped == 1
    assert len(sink.mails) == 1


def test_who_asked_before_addresses_were_kept_by_key_is_still_not_invited(db: None) -> None:
    UninvitedAddress.objects.create(address_hash=hashlib.sha256(ADDRESS.encode()).hexdigest())
    assert uninvited([ADDRESS]) == set()
    import_module("moothall.groups.migrations.0006_keyed_uninvited_addresses").key(apps, None)
    assert uninvited([ADDRESS, "other@elsewhere.example"]) == {ADDRESS}


@pytest.mark.parametrize("token", ["x", "a" * 64 + ":" + "b" * 43, ":", "%00"])
def test_forged_way_out_opens_nothing(db: None, token: str) -> None:
    assert Client().post(f"/mail/invitations/{token}/").status_code == 404
    assert not UninvitedAddress.objects.exists()


def test_manager_is_told_the_same_whoever_has_the_address(world: World, sink: Sink) -> None:
    mia, sam = "mia.moss@moothall.example", "sam.stone@moothall.example"
    told = {asked(world, address).count(f"The invitation goes to {address}") for address in (mia, sam, ADDRESS)}
    assert told == {1}
    send_due(prepare)
    assert {mail.recipient for mail in sink.mails} == {sam, ADDRESS}


@pytest.mark.parametrize("who", ["group", "inviter"])
def test_a_day_has_so_many_mailed_invitations(world: World, who: str) -> None:
    there = new_group("elsewhere") if who == "inviter" else world.group
    by = world.mo if who == "inviter" else world.olga
    for n in range(MAILED_A_DAY):
        Invitation.objects.create(
            group=there, invited_by=by, address=f"n{n}@elsewhere.example", secret_hash=str(n), expires_at=now(),
            mailed_at=now() - timedelta(hours=23),
        )  # fmt: skip
    assert "as many as fit" in asked(world, ADDRESS)
    assert not OutboundMessage.objects.exists()
    assert Invitation.objects.count() == MAILED_A_DAY
    Invitation.objects.update(mailed_at=now() - timedelta(hours=25))
    asked(world, ADDRESS)
    assert OutboundMessage.objects.count() == 1


def test_what_was_taken_back_or_whose_sender_keeps_the_group_no_more_is_not_mailed(world: World, sink: Sink) -> None:
    asked(world, ADDRESS)
    asked(world, "second@elsewhere.example")
    first = Invitation.objects.get(address=ADDRESS)
    assert withdraw(world.group.id, first.id, by_id=world.mo.id) is None
    Membership.objects.filter(profile=world.mo).update(role=Role.MEMBER)
    assert send_due(prepare).dropped == 2
    assert sink.mails == []


def test_mail_needs_an_address_and_says_so_at_the_field(world: World) -> None:
    assert "Write the address to which the invitation shall go." in asked(world, "")
    assert 'id="id_address_error"' in asked(world, "nobody")
    assert not Invitation.objects.exists()


def test_invitation_that_comes_back_asks_nobody_elses_address(world: World, sink: Sink) -> None:
    asked(world, ADDRESS)
    send_due(prepare)
    record(OutboundMessage.objects.get().id, ADDRESS, "hard", now())
    send_due(prepare)
    assert [mail.recipient for mail in sink.mails] == [ADDRESS]
