"""What whoever asked to join hears of the answer, from the button to the mailbox, through a real SMTP server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.groups.ban import ban
from moothall.groups.invite import invite
from moothall.groups.join import Application, join, join_by_invitation
from moothall.groups.leave import leave
from moothall.groups.models import Group, Joining, MailChoice, Membership, Visibility
from moothall.groups.refusal import Refusal
from moothall.mailer.addresses import owner_address
from moothall.mailer.models import OutboundMessage, StoppedAddress
from moothall.mailer.sending import send_due
from moothall.members.models import Profile
from moothall.moderation.admitting import refuse
from moothall.notifications.preparing import prepare
from tests.browsers import as_
from tests.smtp_sink import Received, Sink
from tests.world import World, person

pytestmark = pytest.mark.django_db
SAM = "sam.stone@moothall.example"


@pytest.fixture
def world(world: World) -> World:
    Group.objects.update(joining=Joining.APPROVAL, visibility=Visibility.LISTED)
    return world


def ask(world: World, who: Profile | None = None) -> Membership:
    found = join(world.group.id, (who or world.sam).id, Application(1))
    assert isinstance(found, Membership)
    return found


def answer(world: World, do: str, who: Profile | None = None) -> None:
    """As Mo does by the buttons on the page of people."""
    there = Membership.objects.get(group=world.group, profile=who or world.sam)
    as_(world.mo).post(reverse("group_person", args=[world.group.slug, there.id]), {"do": do})


def words(mail: Received, kind: str) -> str:
    return " ".join(mail.part(kind).split())


def test_who_is_let_in_is_told_so_and_what_comes_by_mail(world: World, sink: Sink) -> None:
    ask(world)
    answer(world, "approve")
    assert send_due(prepare).sent == 1
    (mail,) = sink.mails
    assert mail.recipient == SAM
    assert mail.message["Subject"] == "Old houses let you in"
    for kind in ("plain", "html"):
        said = words(mail, kind)
        assert "you are a member now" in said
        assert world.group.purpose in said
        assert "Your mail from this group: weekly for Discussions, none for Promotions, none for Jobs." in said
        assert "/groups/old-houses/" in said
        assert "/account/mail/" in said


def test_who_is_let_in_again_reads_what_they_chose_when_they_were_here_before(world: World, sink: Sink) -> None:
    ask(world)
    Membership.objects.filter(profile=world.sam).update(mail_discussions=MailChoice.DAILY, mail_jobs=MailChoice.INSTANT)
    answer(world, "approve")
    send_due(prepare)
    assert "daily for Discussions, none for Promotions, instant for Jobs." in words(sink.mails[0], "plain")


def test_who_is_not_let_in_is_told_so_and_that_they_may_ask_again(world: World, sink: Sink) -> None:
    ask(world)
    answer(world, "refuse")
    assert send_due(prepare).sent == 1
    (mail,) = sink.mails
    assert mail.recipient == SAM
    assert mail.message["Subject"] == "Old houses did not let you in"
    for kind in ("plain", "html"):
        said = words(mail, kind)
        assert "A manager did not let you in." in said
        assert "You may ask again" in said
        assert "/groups/old-houses/join/" in said
        assert "Mo Marsh" not in said


@pytest.mark.parametrize("do", ["approve", "refuse"])
def test_answer_is_a_mail_of_the_site_which_nobodys_machine_answers(world: World, sink: Sink, do: str) -> None:
    ask(world)
    answer(world, do)
    send_due(prepare)
    message = sink.mails[0].message
    assert message["From"].addresses[0].display_name.startswith("Old houses via ")
    assert message["Reply-To"] == owner_address(world.group.slug)
    assert message["Auto-Submitted"] == "auto-generated"
    assert not [name for name in message if name.startswith("List-")]


@pytest.mark.parametrize(
    ("change", "said", "is_led"),
    [
        ({"joining": Joining.OPEN}, "Anybody may join it now", True),
        ({"joining": Joining.INVITATION}, "It is joined by invitation now", False),
        ({"visibility": Visibility.PRIVATE}, "A manager did not let you in. -- You get this once", False),
    ],
)
def test_who_is_not_let_in_reads_how_one_comes_in_now(
    world: World, sink: Sink, change: dict[str, str], said: str, *, is_led: bool
) -> None:
    ask(world)
    answer(world, "refuse")
    Group.objects.update(**change)
    send_due(prepare)
    assert said in words(sink.mails[0], "plain")
    assert ["/join/" in sink.mails[0].part(kind) for kind in ("plain", "html")] == [is_led, is_led]


def test_answer_by_a_second_manager_sends_nothing_more(world: World, sink: Sink) -> None:
    waiting = ask(world)
    answer(world, "approve")
    assert isinstance(refuse(world.group.id, waiting.id, by_id=world.olga.id), Refusal)
    for _ in range(2):
        send_due(prepare)
    assert [mail.message["Subject"] for mail in sink.mails] == ["Old houses let you in"]


def test_each_answer_is_mailed_to_whoever_asks_again(world: World, sink: Sink) -> None:
    for do in ("refuse", "refuse", "approve"):
        ask(world)
        answer(world, do)
        send_due(prepare)
    told = [str(mail.message["Subject"]) for mail in sink.mails]
    assert told == ["Old houses did not let you in"] * 2 + ["Old houses let you in"]
    assert len({mail.message["Message-ID"] for mail in sink.mails}) == 3


def test_of_two_answers_before_any_was_sent_the_one_that_holds_goes(world: World, sink: Sink) -> None:
    for do in ("refuse", "approve"):
        ask(world)
        answer(world, do)
    tally = send_due(prepare)
    assert (tally.sent, tally.dropped) == (1, 1)
    assert [mail.message["Subject"] for mail in sink.mails] == ["Old houses let you in"]


def leaves(world: World) -> None:
    assert leave(world.group.id, world.sam.id) is None


def is_banned(world: World) -> None:
    there = Membership.objects.get(profile=world.sam)
    assert ban(world.group.id, there.id, reason="Sold ladders", by_id=world.olga.id) is None


def asks_again(world: World) -> None:
    ask(world)


def comes_by_invitation(world: World) -> None:
    issued = invite(world.group.id, by_id=world.mo.id, address="")
    assert not isinstance(issued, Refusal)
    assert isinstance(join_by_invitation(issued.secret, world.sam.id, Application(1)), Membership)


def leaves_and_comes_by_invitation(world: World) -> None:
    leaves(world)
    comes_by_invitation(world)


def finds_it_closed(world: World) -> None:
    Group.objects.update(closed_at=now())


def cannot_log_in(world: World) -> None:
    User.objects.filter(profile=world.sam).update(is_active=False)


def pauses(world: World) -> None:
    User.objects.filter(profile=world.sam).update(mail_paused_until=(now() + timedelta(days=3)).date())


def sent_mail_back(world: World) -> None:
    StoppedAddress.objects.create(address=SAM, kind="hard")


@pytest.mark.parametrize(
    ("do", "meanwhile"),
    [
        ("approve", leaves),
        ("approve", is_banned),
        ("approve", leaves_and_comes_by_invitation),
        ("refuse", is_banned),
        ("refuse", asks_again),
        ("refuse", comes_by_invitation),
        *((do, each) for do in ("approve", "refuse") for each in (finds_it_closed, cannot_log_in)),
        *((do, each) for do in ("approve", "refuse") for each in (pauses, sent_mail_back)),
    ],
)
def test_nothing_is_mailed_to_whoever_meanwhile(
    world: World, sink: Sink, do: str, meanwhile: Callable[[World], None]
) -> None:
    ask(world)
    answer(world, do)
    meanwhile(world)
    assert send_due(prepare).dropped == 1
    assert sink.mails == []


def test_answer_waits_for_the_end_of_quiet_hours(world: World, sink: Sink) -> None:
    hour = now().hour
    quiet = {"time_zone": "UTC", "mail_quiet_from": hour, "mail_quiet_until": (hour + 2) % 24}
    User.objects.filter(profile=world.sam).update(**quiet)
    ask(world)
    answer(world, "approve")
    send_due(prepare)
    assert sink.mails == []
    assert OutboundMessage.objects.get().due_at.hour == quiet["mail_quiet_until"]


@pytest.mark.parametrize("who", ["mia", "sam"])
def test_answer_of_somebody_who_keeps_nothing_is_not_mailed(world: World, who: str) -> None:
    waiting = ask(world)
    assert isinstance(refuse(world.group.id, waiting.id, by_id=world.persona(who).id), Refusal)
    assert not OutboundMessage.objects.exists()


def test_many_answers_take_one_query(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(6):
        asking = person(f"Asks {number}")
        ask(world, asking)
        answer(world, "approve" if number % 2 else "refuse", asking)
    rows = list(OutboundMessage.objects.all())
    with django_assert_num_queries(1):
        assert len(prepare(rows)) == 6
