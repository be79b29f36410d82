"""How a raw mail is understood: pure, for every byte string, keeping nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from moothall.core.mail_addresses import split_mailbox
from moothall.core.mail_body import Attachment
from moothall.core.mail_headers import Headers, raw_text
from moothall.core.mail_structure import Part, part_tree
from moothall.core.mime import ParsedMail, parse_message
from moothall.core.subjects import base_subject
from moothall.inbound.authentication import Authentication, AuthenticationVerdict, authentication
from moothall.inbound.machines import answers_digest, is_answer_to_invitation, is_automatic, is_loop, may_say_away
from moothall.inbound.reports import Complaint, Failure, complaint, complaint_in_words, failures, may_report
from moothall.inbound.senders import sender
from moothall.inbound.shapes import asks_to_stop, is_command_elsewhere
from moothall.inbound.trimming import Trimmed, trim, trim_new
from moothall.mailer.addresses import Recipient, RecipientKind, read_recipient

_MOST_RECIPIENTS = 50
# Sixteen times what a post may hold, with room for all that it quotes. Cutting a megabyte takes seconds where each line
# could be a quotation's first, and mails have thirty: anybody could keep the worker busy.
LONGEST_TEXT = 1024 * 1024
ANSWERS_DIGEST = (
    "You answered a digest, which does not say which of its conversations you mean. Open that one from the digest and "
    "answer there, or write to the group with a subject of your own."
)
SAYS_AWAY = (
    "Its subject reads like that of an automatic answer, so your mail was not posted. If you wrote it yourself, send "
    "it again with a subject that begins in another way."
)
_DELIVERED_FIELDS = ("x-original-to", "delivered-to", "envelope-to")


class MailKind(StrEnum):
    POST = "post"
    REPLY = "reply"
    COMMAND = "command"
    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    LOOP = "loop"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the mail server said before the mail itself (RFC 5321). "" is the null sender, which reports have."""

    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """A mail's kind and parts. `recipient` is the address of ours that it came to, None when none is ours."""

    kind: MailKind
    from_name: str
    from_address: str | None
    to: tuple[str, ...]
    recipient: Recipient | None
    subject: str
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    full_text: str
    trimmed: Trimmed
    attachments: tuple[Attachment, ...]
    authentication: Authentication
    reason: str = ""  # why it is refused
    is_by_machine: bool = False  # of a command: nobody is answered (RFC 3834)
    failures: tuple[Failure, ...] = ()
    complaint: Complaint | None = None

    @property
    def text(self) -> str:
        return self.trimmed.text

    @property
    def is_proved(self) -> bool:
        """Whether the mail server says that the From address is the sender's own."""
        return self.authentication.verdict is AuthenticationVerdict.PASS


def understand(raw: bytes, envelope: Envelope | None, *, authentication_host: str) -> Understood:
    """Read a mail as it came, its lines ended by CRLF or LF.

    Args:
        raw: any bytes.
        envelope: None when it is not known; then fields that mail servers write stand in for it.
        authentication_host: whose Authentication-Results are believed (RFC 8601).
    """
    raw = with_plain_lines(raw)
    mail = parse_message(raw)
    root = part_tree(_without_envelope_line(raw), set())
    headers = root.headers
    name, address = sender(headers)
    text = mail.text[:LONGEST_TEXT]
    recipients = _recipients(headers, envelope)
    recipient = next((found for one in recipients if (found := read_recipient(one))), None)
    plain = Understood(
        kind=MailKind.POST,
        from_name=name,
        from_address=address,
        to=tuple(dict.fromkeys(_addressed(headers, ("to", "cc"))))[:_MOST_RECIPIENTS] or recipients,
        recipient=recipient,
        subject=mail.subject,
        message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        full_text=text,
        trimmed=trim(text) if _is_answer(mail, recipient) else trim_new(text),
        attachments=mail.attachments,
        authentication=authentication(headers, authentication_host),
    )
    return _by_machine(plain, raw, root, _is_null_sender(headers, envelope)) or _by_person(plain, mail)


def with_plain_lines(raw: bytes) -> bytes:
    """Lines ended by LF alone: whoever looks into a mail again must see the parts that were seen at first.

    A carriage return alone ends a line of a text, and none of the fields on top: the mail server that vouches for
    these goes by RFC 5321 section 2.3.8, and would not see one that begins there.
    """
    # Some servers end each line twice over, which is still one end.
    plain = raw.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
    top, blank, text = plain.partition(b"\n\n")
    if b"\n" in plain:
        top = top.replace(b"\r", b" ")
    return (top + blank + text).replace(b"\r", b"\n")


def _by_machine(mail: Understood, raw: bytes, root: Part, is_null_sender: bool) -> Understood | None:
    headers = root.headers
    if is_loop(headers, mail.from_address):
        return replace(mail, kind=MailKind.LOOP)
    is_for_complaints = mail.recipient is not None and mail.recipient.kind is RecipientKind.COMPLAINT
    if found := complaint(root) or (complaint_in_words(root) if is_for_complaints else None):
        return replace(mail, kind=MailKind.COMPLAINT, complaint=found)
    is_for_reports = mail.recipient is not None and mail.recipient.kind in _FOR_REPORTS
    is_searched = is_for_reports or may_report(headers, root, mail.subject, is_null_sender=is_null_sender)
    if is_searched and (failed := failures(raw, root)):
        return replace(mail, kind=MailKind.BOUNCE, failures=failed)
    is_report = is_for_reports or root.content_type == "multipart/report"  # RFC 6522: receipts (RFC 8098) are such too
    is_automatic_answer = is_automatic(headers, is_null_sender=is_null_sender) or _answers_that_one_is_away(mail)
    if is_automatic_answer and not is_report and _bears_the_right_to_stop(mail):
        return replace(mail, kind=MailKind.COMMAND, is_by_machine=True)
    if is_report or is_automatic_answer or (not mail.text and is_answer_to_invitation(root)):
        return replace(mail, kind=MailKind.AUTO_REPLY)
    return None


def _answers_that_one_is_away(mail: Understood) -> bool:
    """People who answer leave the subject as it is."""
    is_for_a_reply = mail.recipient is not None and mail.recipient.kind is RecipientKind.REPLY
    is_answer = is_for_a_reply or bool(mail.in_reply_to or mail.references)
    return is_answer and may_say_away(mail.subject)


def _bears_the_right_to_stop(mail: Understood) -> bool:
    """Mail programs and providers write to the address in List-Unsubscribe by themselves; no answer of a machine goes
    there."""
    to = mail.recipient
    return to is not None and to.kind is RecipientKind.UNSUBSCRIBE and to.profile_id != 0


def _by_person(mail: Understood, parsed: ParsedMail) -> Understood:
    if _is_command(mail):
        return replace(mail, kind=MailKind.COMMAND)
    reason = _refusal(mail)
    if reason:
        return replace(mail, kind=MailKind.REFUSED, reason=reason)
    return replace(mail, kind=MailKind.REPLY if _is_answer(parsed, mail.recipient) else MailKind.POST)


def _is_answer(parsed: ParsedMail, recipient: Recipient | None) -> bool:
    if recipient is not None and recipient.kind in (RecipientKind.REPLY, RecipientKind.OWNER):
        return recipient.kind is RecipientKind.REPLY
    return bool(parsed.in_reply_to or parsed.references) or base_subject(parsed.subject)[1]


def _is_command(mail: Understood) -> bool:
    if is_command_elsewhere(mail.to) if mail.recipient is None else mail.recipient.kind in _COMMANDS:
        return True
    is_to_managers = mail.recipient is not None and mail.recipient.kind is RecipientKind.OWNER
    return mail.from_address is not None and not is_to_managers and asks_to_stop(mail.text, mail.subject)


def _refusal(mail: Understood) -> str:
    """Why it can't be a post; "" where nothing speaks against it. Managers are written to about anything."""
    if mail.from_address is None:
        return "The mail does not say who wrote it."
    if mail.recipient is not None and mail.recipient.kind is RecipientKind.OWNER:
        return ""
    if mail.recipient is not None and mail.recipient.is_expired:
        return "Replies by mail are taken for 90 days; that time is over."
    if answers_digest(mail.in_reply_to, mail.references):
        return ANSWERS_DIGEST
    if may_say_away(mail.subject):
        return SAYS_AWAY
    if mail.text:
        return ""
    return "It holds attachments and no words." if mail.attachments else "It holds no words of its author's own."


_FOR_REPORTS = (RecipientKind.BOUNCE, RecipientKind.COMPLAINT)
_COMMANDS = (RecipientKind.CONFIRM, RecipientKind.UNSUBSCRIBE)


def _recipients(headers: Headers, envelope: Envelope | None) -> tuple[str, ...]:
    fields = (*_DELIVERED_FIELDS, "to", "cc")
    found = envelope.recipients if envelope is not None else tuple(_addressed(headers, fields))
    return tuple(dict.fromkeys(found))[:_MOST_RECIPIENTS]


def _addressed(headers: Headers, fields: tuple[str, ...]) -> Iterator[str]:
    for field in fields:
        for value in headers.every(field)[:_MOST_RECIPIENTS]:
            for mailbox in islice(_mailboxes(raw_text(value)), _MOST_RECIPIENTS):
                if address := split_mailbox(mailbox)[1]:
                    yield address


def _mailboxes(text: str) -> Iterator[str]:
    """Cut at commas outside quotes."""
    start, is_quoted = 0, False
    for at, letter in enumerate(text):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter == "," and not is_quoted:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _is_null_sender(headers: Headers, envelope: Envelope | None) -> bool:
    if envelope is not None:
        return envelope.sender.strip("<> ") == ""
    value = headers.first("return-path")
    return value is not None and raw_text(value).replace(" ", "") == "<>"


def _without_envelope_line(raw: bytes) -> bytes:
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw.lstrip(b"\n")
