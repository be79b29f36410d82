"""Mail to a group's managers, of whom nobody may be written to at will."""

from __future__ import annotations

import pytest

from moothall.groups.models import Group
from moothall.inbound.forwarding import MOST_A_DAY, MOST_FROM_ONE_A_DAY, forward_to_managers
from moothall.inbound.models import InboundMessage, MailState
from moothall.inbound.result import NOT_LOST
from moothall.inbound.understand import Envelope, understand
from moothall.mailer.addresses import RecipientKind, owner_address
from tests.inbound.mails import mail
from tests.inbound.taking import FORGED, MIA, answers, take
from tests.world import World, new_group

pytestmark = pytest.mark.django_db

SAL = "sal@elsewhere.example"
MANAGERS = {"olga.oakes@moothall.example", "mo.marsh@moothall.example"}


def forwarded_before(group: Group, sender: str, count: int) -> None:
    InboundMessage.objects.bulk_create(
        InboundMessage(
            group=group,
            purpose=RecipientKind.OWNER,
            from_address=sender,
            message_id=f"before-{n}@{sender}",
            raw=b"",
            state=MailState.DONE,
        )
        for n in range(count)
    )


def write(sender: str, **fields: str) -> InboundMessage:
    return take(mail("May I join?", From=sender, **fields), owner_address("old-houses"))


def test_mail_to_the_managers_goes_to_each_of_them_with_the_senders_address(world: World) -> None:
    row = write(f"Sal <{SAL}>")

    assert (row.state, row.from_address) == (MailState.DONE, SAL)
    assert {a["address"] for a in answers()} == MANAGERS
    assert {a["reply_to"] for a in answers()} == {SAL}
    assert all("May I join?" in a["text"] for a in answers())


def test_one_address_writes_to_the_managers_of_all_groups_a_few_times_a_day(world: World) -> None:
    most = MOST_FROM_ONE_A_DAY[False]
    forwarded_before(new_group("gardens"), SAL, most - 1)
    fifth = write("Sal <SAL@elsewhere.example>")
    sixth = write(SAL, Message_ID="<6@sal.example>", Subject="Another subject")
    other = write("new@elsewhere.example", Message_ID="<1@new.example>")

    assert (fifth.state, sixth.state, other.state) == (MailState.DONE, MailState.REFUSED, MailState.DONE)
    told = next(a for a in answers() if a["address"] == SAL)["text"]
    assert f"{most} mails from your address went to the managers of groups here" in told
    assert NOT_LOST in told
    assert len(answers()) == 2 * len(MANAGERS) + 1


def test_member_writes_to_the_managers_more_often_unless_somebody_else_may_have_written(world: World) -> None:
    forwarded_before(new_group("gardens"), MIA, MOST_FROM_ONE_A_DAY[False])

    assert write(MIA, **FORGED).state == MailState.REFUSED
    assert write(MIA, Message_ID="<2@mia.example>").state == MailState.DONE
    forwarded_before(new_group("roofs"), MIA, MOST_FROM_ONE_A_DAY[True])
    assert write(MIA, Message_ID="<3@mia.example>").state == MailState.REFUSED


def test_managers_of_one_group_are_written_to_so_often_a_day(world: World) -> None:
    forwarded_before(world.group, "many@elsewhere.example", MOST_A_DAY)

    assert write(SAL).state == MailState.REFUSED
    assert answers() == []


def test_nothing_goes_to_the_managers_before_the_mail_is_settled(world: World) -> None:
    """So that a mail whose reading breaks off and is taken up again reaches them once."""
    envelope = Envelope(SAL, (owner_address("old-houses"),))
    result = forward_to_managers(world.group, understand(mail(From=SAL), envelope, authentication_host=""))

    assert {each.address for each in result.forwards} == MANAGERS
    assert answers() == []
