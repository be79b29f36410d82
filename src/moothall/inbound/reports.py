"""Reports about mail of ours: what could not be delivered (RFC 3464), and what somebody complained of (RFC 5965)."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from flufl.bounce import all_failures

from moothall.core.mail_addresses import split_mailbox
from moothall.core.mail_headers import Headers, raw_text, split_headers
from moothall.core.mail_structure import Part, decoded_body

_MOST_RECIPIENTS = 50
# Of what flufl.bounce searches; reports say it at the top, in short lines. Python's email takes time by the square of a
# field's length, and an expression of flufl.bounce by the cube of a line's.
_LARGEST_REPORT_BYTES = 64 * 1024
_LONGEST_LINE = 200
_MOST_FOLDED_LINES = 50
_LONGEST_DIAGNOSTIC = 1000
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
# RFC 3463: mailbox full, mail too large for it or for the system, too long under way; content; policy, such as spam.
_NOT_THE_ADDRESS = frozenset((("2", "2"), ("2", "3"), ("3", "4"), ("4", "7")))
_NOT_THE_ADDRESS_AT_ALL = frozenset(("6", "7"))
_UNSPECIFIC = frozenset((("0", "0"), ("3", "0"), ("5", "0")))  # then the other server's own words may say more
_DAEMONS = re.compile(r"(?:mailer-?daemon|postmaster|mail-?daemon|mdaemon|bounces?|mailer)\b", re.IGNORECASE)
_UNDELIVERED = re.compile(
    r"\s*(?:undeliver(?:able|ed)|returned mail|delivery (?:status|failure|has failed)|mail delivery (?:failed|failure)"
    r"|failure notice|delivery status notification|nicht zustellbar|unzustellbar|message non remis|undelivered mail"
    r"|non recapitabile|no se puede entregar|onbestelbaar|mail system error|warning: message .{1,60} delayed)",
    re.IGNORECASE,
)
# Each also as it is where addresses may be UTF-8 (RFC 6533).
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL_TYPES = (
    *("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"),
    *("message/global", "message/global-headers"),
)
_COMPLAINTS = frozenset(("abuse", "fraud", "virus", "other", "miscategorized", "opt-out", "opt-out-list"))


@dataclass(frozen=True, slots=True)
class Failure:
    """Hard: this address will not work. Soft: it may, later."""

    address: str
    is_hard: bool


@dataclass(frozen=True, slots=True)
class Complaint:
    addresses: tuple[str, ...]
    sent_by: str = ""  # the envelope's sender of the mail complained of, which names the mail (VERP)


def may_report(headers: Headers, root: Part, subject: str, *, is_null_sender: bool) -> bool:
    """Only such mail is searched for failures: people talk about bounces too."""
    if root.content_type == "multipart/report" or is_null_sender or "x-failed-recipients" in headers.fields:
        return True
    name, address = split_mailbox(raw_text(headers.first("from") or b""))
    local = (address or name).partition("@")[0]
    return _DAEMONS.match(local) is not None or _UNDELIVERED.match(subject[:200]) is not None


def failures(raw: bytes, root: Part) -> tuple[Failure, ...]:
    """Each address once. A status report speaks for itself; for everything else there is flufl.bounce."""
    status = next((part for kind in _STATUS_TYPES for part in _parts(root, kind)), None)
    found = list(_from_status(status)) if status is not None else []
    if status is None or not found:
        found += _from_flufl(raw)
    return tuple({failure.address: failure for failure in found if failure.address}.values())[:_MOST_RECIPIENTS]


def complaint(root: Part) -> Complaint | None:
    """None where it is no complaint: reports say "not spam" and "authentication failed" too (RFC 5965, 6591)."""
    report = next(_parts(root, "message/feedback-report"), None)
    if report is None:
        return None
    fields = split_headers(_body(report))[0]
    if fields.text("feedback-type").strip().lower() not in _COMPLAINTS:
        return None
    written = [*fields.every("original-rcpt-to"), *fields.every("removal-recipient")]
    original = _original(root)
    if not written:
        written = original.every("to")
    addresses = [address for value in written[:_MOST_RECIPIENTS] if (address := _address(value))]
    sent_by = _address(fields.first("original-mail-from") or original.first("return-path") or b"")
    return Complaint(tuple(dict.fromkeys(addresses)), sent_by)


def complaint_in_words(root: Part) -> Complaint | None:
    """Of a mail to the address for complaints: Microsoft's have the original attached, and no report (JMRP)."""
    if next(_parts(root, "message/feedback-report"), None) is not None:
        return None
    original = _original(root)
    written = original.every("x-hmxmroriginalrecipient") or original.every("to")
    addresses = [address for value in written[:_MOST_RECIPIENTS] if (address := _address(value))]
    sent_by = _address(original.first("return-path") or b"")
    return Complaint(tuple(dict.fromkeys(addresses)), sent_by) if addresses else None


def _original(root: Part) -> Headers:
    for content_type in _ORIGINAL_TYPES:
        for part in _parts(root, content_type):
            return split_headers(_body(part))[0]
    return Headers({})


def _from_status(status: Part) -> Iterator[Failure]:
    """RFC 3464 section 2: the first block is about the mail, each further one about a recipient."""
    for block in re.split(rb"\n[ \t]*\n", _body(status))[: _MOST_RECIPIENTS + 1]:
        fields = split_headers(block.strip() + b"\n")[0]
        address = _address(fields.first("original-recipient") or b"") or _address(
            fields.first("final-recipient") or b""
        )
        action = fields.text("action").lower()
        if address and action.startswith("failed"):
            yield Failure(address, _is_hard(fields.text("status"), fields.text("diagnostic-code")))
        elif address and action.startswith("delayed"):
            yield Failure(address, is_hard=False)


def _is_hard(status: str, diagnostic: str) -> bool:
    code = _STATUS.match(status)
    if code is None or (code.group(2), code.group(3)) in _UNSPECIFIC:
        code = _STATUS.search(diagnostic[:_LONGEST_DIAGNOSTIC]) or code
    if code is None:
        return True
    is_of_address = code.group(2) not in _NOT_THE_ADDRESS_AT_ALL and code.groups()[1:] not in _NOT_THE_ADDRESS
    return code.group(1) == "5" and is_of_address


def _from_flufl(raw: bytes) -> list[Failure]:
    try:
        soft, hard = all_failures(_in_short_lines(raw[:_LARGEST_REPORT_BYTES]))
    except Exception:  # Python's email and the detectors raise on some real mails
        return []
    found = [(address, False) for address in sorted(soft)] + [(address, True) for address in sorted(hard)]
    return [Failure(_address(address), is_hard) for address, is_hard in found]


def _in_short_lines(raw: bytes) -> Message:
    """Decoded too, since an encoded line may be of any length."""
    mail = email.message_from_bytes(_shortened(raw))
    for part in mail.walk():
        body = part.get_payload(decode=True)
        if isinstance(body, bytes):
            del part["content-transfer-encoding"]
            part.set_payload(_shortened(body).decode("ascii", "surrogateescape"))
    return mail


def _shortened(text: bytes) -> bytes:
    kept, folded = [], 0
    for line in text.split(b"\n"):
        folded = folded + 1 if line.startswith((b" ", b"\t")) else 0
        if folded <= _MOST_FOLDED_LINES:
            kept.append(line[:_LONGEST_LINE])
    return b"\n".join(kept)


def _parts(part: Part, content_type: str) -> Iterator[Part]:
    if part.content_type == content_type:
        yield part
    for child in part.children:
        yield from _parts(child, content_type)


def _body(part: Part) -> bytes:
    return decoded_body(part, set()).lstrip(b"\n")


def _address(value: bytes) -> str:
    """`rfc822; mia@host` and `<mia@host>` alike; "" for what is none."""
    text = raw_text(value).rpartition(";")[2]
    return split_mailbox(text)[1] or ""
