"""Mail to a group's managers, of whom nobody may be written to at will."""

from __future__ import annotations

import pytest

from moothall.accounts.deletion import ask_for_deletion
from moothall.accounts.models import PostsAfterwards
from moothall.groups.models import Group
from moothall.inbound.forwarding import MOST_A_DAY, MOST_FROM_ONE_A_DAY, MOST_NAMED, forward_to_managers
from moothall.inbound.models import InboundMessage, MailState
from moothall.inbound.result import NOT_LOST
from moothall.inbound.understand import Envelope, understand
from moothall.mailer.addresses import RecipientKind, owner_address
from moothall.mailer.models import BounceKind, StoppedAddress
from tests.inbound.mails import mail, multipart
from tests.inbound.taking import FORGED, MIA, PITCH, PROVED, answers, take
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


def test_managers_are_told_which_attachments_of_a_mail_to_them_were_not_passed_on(world: World) -> None:
    found = [
        ("text/plain", "May I join?"),
        ('application/pdf; name="plan of the house.pdf"', "x" * 2048),
        ('application/pdf; name="Roofs 01473 555 0123.pdf"', "x"),
        ("application/octet-stream", "x"),
        ('application/pgp-signature; name="signature.asc"', "x"),
    ]
    take(multipart("mixed", *found, From=SAL), owner_address("old-houses"))

    for told in (a["text"] for a in answers()):
        assert "- plan of the house.pdf (2.0\xa0KB)\n- attachment.pdf (1\xa0byte)\n- without a name (1\xa0" in told
        assert "signature.asc" not in told
        assert told.index("plan of the house") < told.index("May I join?")


def test_managers_are_told_of_so_many_attachments_by_name_and_of_the_others_how_many(world: World) -> None:
    found = [(f'image/png; name="{number}.png"', "x") for number in range(MOST_NAMED + 2)]
    take(multipart("mixed", ("text/plain", "May I join?"), *found, From=SAL), owner_address("old-houses"))

    for told in (a["text"] for a in answers()):
        assert f"- {MOST_NAMED - 1}.png (1\xa0byte)\n- and 2 more\n\n" in told


def test_managers_read_of_no_attachments_where_there_are_none(world: World) -> None:
    write(SAL)

    assert [a for a in answers() if "ttach" in a["text"]] == []


def test_a_manager_who_wants_their_account_deleted_is_written_to_no_more(world: World) -> None:
    assert world.mo.user is not None
    ask_for_deletion(world.mo.user, PostsAfterwards.KEEP)
    write(SAL)

    assert [a["address"] for a in answers()] == ["olga.oakes@moothall.example"]


def test_a_strangers_offer_is_passed_on_with_a_mark_and_its_reasons(world: World) -> None:
    pitch = take(mail(PITCH, From=SAL, Subject="Damp?"), owner_address("old-houses"))
    question = write(SAL, Message_ID="<2@sal.example>")

    marked, plain = [a for a in answers() if a["address"] == "mo.marsh@moothall.example"]
    assert (pitch.state, question.state) == (MailState.DONE, MailState.DONE)
    assert marked["subject"] == "To the managers of Old houses: (reads as an offer) Damp?"
    assert "It reads as an offer to us:\n- " in marked["text"]
    assert "best prices guaranteed" in marked["text"]
    assert "offer" not in plain["subject"] + plain["text"]


def test_an_offer_in_quoted_lines_or_below_a_signature_mark_is_seen(world: World) -> None:
    for number, hidden in enumerate([f"See below.\n\n> {PITCH}", f"Hello.\n\n-- \n{PITCH}"]):
        row = take(mail(hidden, From=SAL, Message_ID=f"<{number}@sal.example>"), owner_address("old-houses"))
        assert row.state == MailState.DONE

    assert all("reads as an offer" in a["subject"] for a in answers())


def test_what_a_member_writes_to_the_managers_bears_no_mark(world: World) -> None:
    take(mail(PITCH, **PROVED), owner_address("old-houses"))

    assert [a["subject"] for a in answers() if "reads as an offer" in a["subject"]] == []
    assert len(answers()) == len(MANAGERS)


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
    """Whoever wrote none of them is told, since they would wait for an answer."""
    forwarded_before(world.group, "many@elsewhere.example", MOST_A_DAY)

    assert write(SAL).state == MailState.REFUSED
    assert [answer["address"] for answer in answers()] == [SAL]
    assert f"{MOST_A_DAY} mails went to the managers of this group" in answers()[0]["text"]


def test_nothing_goes_to_managers_to_whom_mail_was_stopped(world: World) -> None:
    first, *others = sorted(MANAGERS)
    StoppedAddress.objects.create(address=first, kind=BounceKind.COMPLAINT)
    write(SAL)
    assert [answer["address"] for answer in answers()] == others

    for each in others:
        StoppedAddress.objects.create(address=each, kind=BounceKind.HARD)
    assert write(SAL, Message_ID="<2@sal.example>").state == MailState.REFUSED
    assert answers()[-1]["address"] == SAL
    assert "can be reached by mail" in answers()[-1]["text"]


def test_nothing_goes_to_the_managers_before_the_mail_is_settled(world: World) -> None:
    """So that a mail whose reading breaks off and is taken up again reaches them once."""
    envelope = Envelope(SAL, (owner_address("old-houses"),))
    result = forward_to_managers(world.group, understand(mail(From=SAL), envelope, authentication_host=""))

    assert {each.address for each in result.forwards} == MANAGERS
    assert answers() == []
