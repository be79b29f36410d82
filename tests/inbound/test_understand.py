"""How raw mails are understood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moothall.core.clock import now
from moothall.inbound.authentication import AuthenticationVerdict
from moothall.inbound.explaining import as_json
from moothall.inbound.machines import MOST_HOPS
from moothall.inbound.reports import Failure
from moothall.inbound.understand import LONGEST_TEXT, SAYS_AWAY, Envelope, MailKind, Understood, understand
from moothall.mailer.addresses import RecipientKind, bounce_address, reply_address, unsubscribe_address
from tests.effort import calls
from tests.inbound.mails import about, feedback, mail, multipart, status_report

HOST = "mx.moot.example"


def read(raw: bytes, envelope: Envelope | None = None) -> Understood:
    return understand(raw, envelope, authentication_host=HOST)


def test_mail_to_the_groups_address_is_a_post() -> None:
    found = read(mail("Splice or replace?\n-- \nMia", To="Old houses <old-houses+jobs@127.0.0.1>"))

    assert found.kind is MailKind.POST
    assert (found.from_address, found.subject, found.message_id) == (
        "mia.moss@moothall.example",
        "Splice or replace?",
        "1@mia.example",
    )
    assert (found.text, found.trimmed.signature) == ("Splice or replace?", "-- \nMia")
    assert found.recipient is not None
    assert (found.recipient.slug, found.recipient.lane) == ("old-houses", "jobs")


@pytest.mark.parametrize(
    "written",
    [
        "Mia.Moss@moothall.example",
        "mia.moss@moothall.example <mia.moss@moothall.example>",
        '"Moss, Mia <mia.moss@moothall.example>" <mia.moss@moothall.example>',
        "=?utf-8?Q?Moss,_Mia?= <mia.moss@moothall.example>",
        "Mia (at home: mia@home.example, too) <mia.moss@moothall.example>",
        "mia.moss@moothall.example (Mia Moss)",
    ],
)
def test_sender_is_known_by_the_one_address_that_a_field_holds(written: str) -> None:
    assert read(mail(From=written)).from_address == "mia.moss@moothall.example"


@pytest.mark.parametrize(
    "written",
    [
        "mia.moss at moothall.example",
        "mia.moss@moothall.example <>",
        "Members: mia.moss@moothall.example;",
        "Mia <mia.moss@moothall.example>, Sal <sal@elsewhere.example>",
        "sal@elsewhere.example <mia.moss@moothall.example>",
        "<mia.moss@moothall.example>@elsewhere.example",
        '"mia moss"@elsewhere.example',
    ],
)
def test_sender_is_nobody_where_a_mail_server_could_read_another_or_none(written: str) -> None:
    assert read(mail(From=written)).from_address is None


@pytest.mark.parametrize(
    "fields",
    [
        {"In_Reply_To": "<0@mo.example>"},
        {"References": "<0@mo.example>"},
        {"Subject": "AW: Splice or replace?"},
        {"In_Reply_To": "<digest-7@elsewhere.example>"},
        {"In_Reply_To": "<post-7@127.0.0.1>", "References": "<digest-7@127.0.0.1> <post-7@127.0.0.1>"},
        {"To": reply_address("old-houses", 1, 2, now())},
    ],
)
def test_answer_is_a_reply(fields: dict[str, str]) -> None:
    assert read(mail(**fields)).kind is MailKind.REPLY


@pytest.mark.parametrize(
    "to",
    [unsubscribe_address("old-houses", 3), "old-houses+unsubscribe@127.0.0.1",
     "a+confirm-9f3@lists.example", "a-request@b.example"],
)  # fmt: skip
def test_command_is_known_by_its_address(to: str) -> None:
    assert read(mail(To=to)).kind is MailKind.COMMAND


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (vacation)"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"Subject": "Automatic reply: Splice or replace?"},
        {"Subject": "Abwesenheitsnotiz"},
        {"Subject": "Réponse automatique : Splice or replace?"},
        {"Subject": "Out of Office"},
        {"Subject": "Re: Out of office: back on Monday"},
        {"Subject": "Out of Office Re: Splice or replace?"},
        {"Subject": "自动答复: Splice or replace?"},
        {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"},
    ],
)
def test_machines_answer_is_an_auto_reply(fields: dict[str, str]) -> None:
    assert read(mail("I am away until Monday.", **fields)).kind is MailKind.AUTO_REPLY


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "no"},
        {"X_Auto_Response_Suppress": "None"},
        {"Subject": "Out of office hours, whom do you ring?"},
        {"Subject": "Vacation lets in old houses"},
        {"Subject": "[Old houses] Out of office: who has the keys of the hall?"},
        {"Precedence": "list", "List_Id": "<other.lists.example>"},
        {"Subject": "My postmaster returned it", "From": "postmistress@moothall.example"},
    ],
)
def test_person_is_not_taken_for_a_machine(fields: dict[str, str]) -> None:
    assert read(mail(**fields)).kind is MailKind.POST


def test_of_a_text_without_end_the_beginning_is_read() -> None:
    found = read(mail("Splice it.\n\nOn Monday Mo wrote:\n" + "> Splice or replace?\n" * 100_000, Subject="Re: Plate"))

    assert found.text == "Splice it."
    assert len(found.full_text) == LONGEST_TEXT


@pytest.mark.parametrize("title", ["Vacation: who waters the hedge?", "Out of office: who has the keys of the hall?"])
def test_answer_by_mail_is_posted_whatever_its_conversation_is_called(title: str) -> None:
    to = reply_address("old-houses", 1, 2, now())

    assert read(mail(Subject=f"Re: [Old houses] {title}", To=to)).kind is MailKind.REPLY
    for away in ("Automatic reply", "Vacation"):
        assert read(mail(Subject=f"{away}: Re: [Old houses] {title}", To=to)).kind is MailKind.AUTO_REPLY


@pytest.mark.parametrize("subject", ["Vacation: who waters the hedge?", "Abwesend - wer gießt?", "On vacation"])
def test_who_begins_as_people_and_machines_do_is_told_so(subject: str) -> None:
    found = read(mail(Subject=subject))

    assert (found.kind, found.reason) == (MailKind.REFUSED, SAYS_AWAY)
    assert read(mail(Subject=subject, Auto_Submitted="auto-replied")).kind is MailKind.AUTO_REPLY


@pytest.mark.parametrize(
    "fields",
    [
        {"List_Id": "Old houses <old-houses.127.0.0.1>"},
        {"X_Loop": "old-houses@127.0.0.1"},
        {"From": "Old houses <old-houses@127.0.0.1>"},
        {"From": bounce_address(7)},
    ],
)
def test_own_mail_come_back_is_a_loop(fields: dict[str, str]) -> None:
    assert read(mail(**fields)).kind is MailKind.LOOP


def test_mail_that_runs_in_circles_is_a_loop() -> None:
    hops = b"Received: from a.example by b.example; Thu, 8 Jan 2026 10:02:00 +0000\r\n"

    assert read(hops * MOST_HOPS + mail()).kind is MailKind.POST
    assert read(hops * (MOST_HOPS + 1) + mail()).kind is MailKind.LOOP


@pytest.mark.parametrize(
    ("recipient", "is_hard"),
    [
        (about("mia@inbox.example"), True),
        (about("mia@inbox.example", action="delayed", status="4.4.1"), False),
        (about("mia@inbox.example", status="4.4.7"), False),
        (about("mia@inbox.example", status="5.2.2"), False),
        (about("mia@inbox.example", status="5.7.1"), False),
        (about("mia@inbox.example", status="5.4.4"), True),
        (about("mia@inbox.example", status="5.0.0") + "\nDiagnostic-Code: smtp; 552 5.2.2 full", False),
        (about("mia@inbox.example", status="5.0.0") + "\nDiagnostic-Code: smtp; 550 no such user", True),
        (f"Original-Recipient: rfc822;mia@inbox.example\n{about('m0123@inside.example')}", True),
    ],
)
def test_status_report_is_a_bounce(recipient: str, is_hard: bool) -> None:
    found = read(status_report(recipient))

    assert (found.kind, found.failures) == (MailKind.BOUNCE, (Failure("mia@inbox.example", is_hard),))


def test_status_report_with_addresses_beyond_ascii_is_a_bounce() -> None:
    report = (
        "message/global-delivery-status",
        "Reporting-MTA: dns; x\n\n" + about("mia@inbox.example").replace("rfc822", "utf-8"),
    )
    found = read(multipart("report", report, From="MAILER-DAEMON@mx.example", Return_Path="<>"))

    assert found.kind is MailKind.BOUNCE


def test_bounce_names_our_mail_by_its_envelope() -> None:
    found = read(status_report(about("mia@inbox.example")), Envelope("", (bounce_address(77),)))

    assert found.recipient is not None
    assert (found.recipient.kind, found.recipient.outbound_id) == (RecipientKind.BOUNCE, 77)


def test_bounce_in_words_is_read() -> None:
    """qmail's own format, which has no standard's marks."""
    text = (
        "Hi. This is the qmail-send program at mx.example.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<mia@inbox.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\nSubject: Plate\n"
    )
    found = read(mail(text, From="MAILER-DAEMON@mx.example", Subject="failure notice", Return_Path="<>"))

    assert (found.kind, found.failures) == (MailKind.BOUNCE, (Failure("mia@inbox.example", True),))


def test_notice_of_delivery_is_no_bounce() -> None:
    delivered = status_report(about("mia@inbox.example", action="delivered", status="2.0.0"), Subject="Delivered")

    assert read(delivered).kind is MailKind.AUTO_REPLY


def test_talk_about_a_bounce_is_none() -> None:
    found = read(mail("My mail came back: <mo@inbox.example>: host mx said: 550 5.1.1 User unknown\nAny idea?"))

    assert found.kind is MailKind.POST


def test_feedback_report_is_a_complaint() -> None:
    found = read(feedback(sent_by=bounce_address(12)))

    assert found.kind is MailKind.COMPLAINT
    assert found.complaint is not None
    assert (found.complaint.addresses, found.complaint.sent_by) == (("mia@inbox.example",), bounce_address(12))


@pytest.mark.parametrize("to", ["old-houses@127.0.0.1", "complaints@127.0.0.1"])
def test_report_that_it_was_welcome_is_no_complaint(to: str) -> None:
    assert read(feedback("not-spam", Auto_Submitted="auto-generated", To=to)).kind is MailKind.AUTO_REPLY


def test_original_sent_to_the_address_for_complaints_is_one() -> None:
    """As Microsoft sends it (JMRP), with no report by RFC 5965."""
    original = (
        f"X-HmXmrOriginalRecipient: mia@inbox.example\nReturn-Path: <{bounce_address(12)}>\nTo: x@y.example\n\nHello"
    )
    raw = multipart("mixed", ("text/plain", ""), ("message/rfc822", original), To="complaints@127.0.0.1")
    found = read(raw)

    assert found.complaint is not None
    assert (found.complaint.addresses, found.complaint.sent_by) == (("mia@inbox.example",), bounce_address(12))


def test_receipt_is_no_post() -> None:
    """RFC 8098, as programs send it when the sender of a mail asks whether it was read."""
    notification = ("message/disposition-notification", "Final-Recipient: rfc822; mia@inbox.example")
    kind = "report; report-type=disposition-notification"

    assert read(multipart(kind, ("text/plain", "It was read."), notification)).kind is MailKind.AUTO_REPLY


def test_calendars_answer_is_no_post_unless_somebody_says_something() -> None:
    answer = ("text/calendar; method=REPLY", "BEGIN:VCALENDAR")

    assert read(multipart("alternative", ("text/plain", " "), answer)).kind is MailKind.AUTO_REPLY
    assert read(multipart("alternative", ("text/plain", "I bring lime."), answer)).kind is MailKind.POST


@pytest.mark.parametrize(
    "body", ["Unsubscribe", "Please unsubscribe me from this list!", "Bitte austragen.\n-- \nMia", ""]
)
def test_words_alone_that_ask_for_no_more_mail_are_a_command(body: str) -> None:
    assert read(mail(body, Subject="unsubscribe")).kind is MailKind.COMMAND


def test_talk_about_unsubscribing_is_a_post() -> None:
    assert read(mail("How do I unsubscribe from the gas board?", Subject="unsubscribe")).kind is MailKind.POST


def test_lines_ended_twice_over_are_read() -> None:
    found = read(mail("Splice it.").replace(b"\r\n", b"\r\r\n"))

    assert (found.from_address, found.text) == ("mia.moss@moothall.example", "Splice it.")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (mail(From=""), "does not say who"),
        (b"From: a@x.example\r\n" + mail(), "does not say who"),
        (mail("> Splice?"), "no words"),
        (mail(In_Reply_To="<digest-7@127.0.0.1>"), "answered a digest"),
        (mail(References="<digests-12@127.0.0.1>"), "answered a digest"),
        (multipart("mixed", ('image/jpeg; name="plate.jpg"', "x")), "attachments and no words"),
        (mail(To=reply_address("old-houses", 1, 2, now().replace(year=2020))), "90 days"),
    ],
)
def test_refusal_says_why(raw: bytes, reason: str) -> None:
    found = read(raw)

    assert found.kind is MailKind.REFUSED
    assert reason in found.reason


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ([], "none"),
        ([f"{HOST}; dmarc=pass header.from=moothall.example"], "pass"),
        ([f"{HOST} 1; spf=fail smtp.mailfrom=a@b.example; dmarc=fail (p=reject) header.from=b.example"], "fail"),
        ([f"{HOST}; spf=pass", f"{HOST}; dmarc=fail"], "fail"),
        ([f"{HOST}; dmarc=pass", f"{HOST}; dmarc=fail"], "fail"),
        ([f"{HOST}; dmarc=temperror"], "none"),
        (["mx.evil.example; dmarc=pass", "mx.other.example; dmarc=fail"], "none"),
        ([f"mx.evil.example (;{HOST}; dmarc=pass)"], "none"),
        ([f"{HOST}; x=1 (dmarc=pass); none"], "none"),
        ([f"{HOST} (a (b) ; dmarc=pass) 1; spf=none"], "none"),
        ([f"{HOST}; spf=fail (a \\) ; dmarc=pass ) smtp.mailfrom=a@b.example"], "none"),
        ([f'{HOST}; spf=fail reason="a; dmarc=pass" smtp.mailfrom=a@b.example'], "none"),
        ([f'"{HOST}" (a); (b) dmarc (c) =\r\n\t(d) fail'], "fail"),
        ([f"{HOST}; {'dkim=pass header.d=a.example; ' * 200}dmarc=fail"], "fail"),
    ],
)
def test_only_the_configured_host_is_believed(fields: list[str], verdict: str) -> None:
    written = "".join(f"Authentication-Results: {field}\r\n" for field in fields).encode()

    assert read(written + mail()).authentication.verdict is AuthenticationVerdict(verdict)


def test_name_of_a_list_does_not_lend_somebody_elses_address() -> None:
    found = read(mail(From="Mia via Other <mallory@evil.example>", Reply_To="mia.moss@moothall.example"))

    assert found.from_address == "mallory@evil.example"


@settings(max_examples=300)
@given(
    st.binary() | st.text().map(str.encode) | st.binary().map(lambda data: mail() + data) | st.text().map(status_report)
)
@example(b"Return-Path: <>\n\n")  # flufl.bounce looks for a sender where there is none
@example(b"Return-Path: <>\nFrom: \xff\xfe\n\n")  # and takes a name in 8 bits for text
def test_any_bytes_are_explained(raw: bytes) -> None:
    json.dumps(as_json(read(raw)))


@pytest.mark.parametrize(
    "unit",
    [b"Subject: " + b"auto-" * 200, b"Authentication-Results: (((\r\n", b"To: \"a,\r\n",
     b"Content-Type: multipart/report; boundary=a\r\n\r\n--a\r\n",
     b"Begin forwarded message:\r\n", b"\r\n--\r\n", b"From: =?utf-8?q?=00?= <a@b.example>\r\n"]
)  # fmt: skip
def test_hostile_mail_takes_work_in_proportion_to_its_length(unit: bytes) -> None:
    short, long = (unit * (size // len(unit)) for size in (25_000, 100_000))

    assert calls(lambda: read(long)) < 6 * calls(lambda: read(short)) + 5_000


def test_explanation_tells_who_wrote_what_and_what_was_trimmed() -> None:
    body = "Splice it.\n\nOn Monday Mia wrote:\n> Splice or replace?\n-- \nMo\n"
    forward = "---------- Forwarded message ---------\nFrom: Al <al@x.example>\nSubject: Plate\n\nHello"
    raw = multipart(
        "mixed",
        ("text/plain", f"{body}\n{forward}"),
        ('image/jpeg; name="plate.jpg"', "x"),
        To="old-houses+jobs@127.0.0.1",
        In_Reply_To="<0@mo.example>",
    )
    found = as_json(read(f"Authentication-Results: {HOST}; dmarc=pass\r\n".encode() + raw))

    assert found == {
        "kind": "reply",
        "reason": "",
        "from": "mia.moss@moothall.example",
        "from_name": "Mia Moss",
        "to": ["old-houses+jobs@127.0.0.1"],
        "recipient": {"kind": "post", "group": "old-houses", "lane": "jobs", "is_expired": False},
        "subject": "Splice or replace?",
        "message_id": "1@mia.example",
        "in_reply_to": "0@mo.example",
        "text": "Splice it.",
        "trimmed": {
            "quotes": "On Monday Mia wrote:\n> Splice or replace?",
            "signature": "-- \nMo",
            "forward": forward,
        },
        "attachments": [{"name": "plate.jpg", "content_type": "image/jpeg", "size_bytes": 1}],
        "bounced": [],
        "complained": [],
        "authentication": {"verdict": "pass", "hosts": [HOST]},
    }


def test_explanation_tells_whom_a_bounce_and_a_complaint_are_about() -> None:
    bounce = as_json(read(status_report(about("mia@inbox.example"), about("mo@inbox.example", status="4.4.7"))))
    complaint = as_json(read(feedback()))

    assert bounce["bounced"] == [
        {"address": "mia@inbox.example", "kind": "hard"},
        {"address": "mo@inbox.example", "kind": "soft"},
    ]
    assert complaint["complained"] == ["mia@inbox.example"]


def test_command_prints_json_for_a_file_and_says_when_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mail"
    file.write_bytes(b"\xff\xfe\x00 no mail at all")
    call_command("explain_mail", str(file))

    assert json.loads(capsys.readouterr().out)["kind"] == "refused"
    with pytest.raises(CommandError, match="can't be read"):
        call_command("explain_mail", str(tmp_path / "nothing"))
