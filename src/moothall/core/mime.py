"""Reading one mail, whatever its bytes are.

`parse_message` returns for every byte string, in time linear in its length, and what it returns can be stored in
PostgreSQL as it is: no NUL, no lone surrogate. It reads Internet Message Format (RFC 5322) and MIME (RFC 2045 to
2049, 2183, 2231, 3676) as mail programs and archives really write them; what had to be made up is told in `troubles`.
Message identifiers are given without their angle brackets (RFC 5322 section 3.6.4).
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from moothall.core.mail_addresses import list_key, sender_of
from moothall.core.mail_body import Attachment, BodyReader
from moothall.core.mail_dates import sent_at
from moothall.core.mail_folder import is_set_aside
from moothall.core.mail_headers import Headers, clean_line, raw_text
from moothall.core.mail_structure import decoded_body, part_tree
from moothall.core.mail_troubles import DateTrouble, Trouble
from moothall.core.subjects import split_tags

_ID_IN_BRACKETS = re.compile(r"<([^<>]{1,2000})>")
_BARE_ID = re.compile(r"[^\s<>@\"]{1,500}@[^\s<>@\",;]{1,500}")
_SENDER_IN_SENTENCE = re.compile(
    r"\bfrom\b[^<>]{0,200}<[^<>]{1,320}>(?=\s{0,5}(?:of|on|at|dated|sent)\b)", re.IGNORECASE
)
_LONGEST_ID = 200
_MOST_REFERENCES = 200
_ENVELOPE_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*|\d{4}-\d\d-\d\d.*|\d{1,2} [A-Z][a-z]{2} .*")
_LIST_ADDRESS_FIELDS = ("x-beenthere", "list-post", "x-mailing-list")


@dataclass(frozen=True, slots=True)
class ParsedMail:
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]  # the oldest first
    subject: str  # reply prefixes kept, list tags taken out
    list_tags: tuple[str, ...]
    from_name: str
    from_address: str | None  # lower case
    date: datetime | None  # UTC
    date_trouble: DateTrouble | None
    text: str
    attachments: tuple[Attachment, ...]
    auto_submitted: bool  # written by a machine (RFC 3834)
    is_set_aside: bool  # in the folder that it comes from: deleted, a draft, spam
    list_id: str | None  # RFC 2919
    troubles: tuple[Trouble, ...]


def parse_message(data: bytes, *, now: datetime | None = None) -> ParsedMail:
    """Read a raw message; an mbox envelope line in front is allowed and helps to date it.

    Args:
        data: the raw message, any bytes.
        now: aware; a Date beyond it is absurd. Default: the present.

    >>> mail = parse_message(b"Subject: =?koi8-r?Q?=F0=D2=C9=D7=C5=D4?=\\nFrom: olga at host.example\\n\\nHi")
    >>> mail.subject, mail.from_address, mail.date_trouble.value
    ('Привет', 'olga@host.example', 'missing')
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    envelope, data = _split_envelope(data)
    troubles: set[Trouble] = set()
    root = part_tree(data, troubles)
    headers = root.headers
    body = BodyReader(troubles)
    text = body.read(root)

    list_id = _list_id(headers)
    list_names = _list_names(headers, list_id)
    subject, list_tags = split_tags(headers.text("subject"), list_names)
    sender = sender_of(headers, list_names | {list_key(tag) for tag in list_tags})
    if sender.is_hidden:
        troubles.add(Trouble.HIDDEN_SENDER)
    elif sender.address is None:
        troubles.add(Trouble.MISSING_SENDER)
    message_id = next(_ids(headers, "message-id"), None)
    if message_id is None:
        troubles.add(Trouble.MISSING_ID)
    date, date_trouble = _date(headers, envelope, now or datetime.now(UTC))
    return ParsedMail(
        message_id=message_id,
        in_reply_to=_in_reply_to(headers),
        references=_references(headers),
        subject=subject,
        list_tags=list_tags,
        from_name=sender.name,
        from_address=sender.address,
        date=date,
        date_trouble=date_trouble,
        text=text,
        attachments=tuple(body.attachments),
        auto_submitted=_is_auto_submitted(headers),
        is_set_aside=is_set_aside(headers),
        list_id=list_id,
        troubles=tuple(sorted(troubles)),
    )


def attachment_contents(data: bytes) -> list[bytes]:
    """What is in the attachments of `parse_message(data)`, in their order. Those that an archive took out have
    none, nor those that stood in the text itself.

    >>> attachment_contents(b"Content-Type: image/png\\nContent-Transfer-Encoding: base64\\n\\naGk=")
    [b'hi']
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    troubles: set[Trouble] = set()
    body = BodyReader(troubles)
    body.read(part_tree(_split_envelope(data)[1], troubles))
    return [decoded_body(part, troubles) for part in body.attached]


def _split_envelope(data: bytes) -> tuple[str, bytes]:
    if not data.startswith(b"From "):
        return "", data.lstrip(b"\n")
    line, _, rest = data.partition(b"\n")
    return clean_line(line[:1000].decode("latin-1")), rest


def _ids(headers: Headers, field: str) -> Iterator[str]:
    for value in headers.every(field):
        text = raw_text(value)
        found = _ID_IN_BRACKETS.findall(text) if "<" in text else _BARE_ID.findall(text)
        for identifier in found or ([text] if field == "message-id" else []):
            if normal := _normal_id(identifier):
                yield normal


def _normal_id(identifier: str) -> str:
    """White space that folding brought in is dropped; what is too long for an index is stood for by its digest."""
    identifier = "".join(clean_line(identifier).strip("<>").split())
    if len(identifier) <= _LONGEST_ID:
        return identifier
    return hashlib.sha256(identifier.encode()).hexdigest() + "@long.invalid"


def _in_reply_to(headers: Headers) -> str | None:
    """RFC 822 allowed a sentence too. The address in it is no identifier: all that answers one person is no thread."""
    value = headers.first("in-reply-to")
    text = _SENDER_IN_SENTENCE.sub("", raw_text(value)) if value is not None else ""
    if "<" not in text:
        return _normal_id(text) if _BARE_ID.fullmatch(text) else None
    return next(filter(None, map(_normal_id, _ID_IN_BRACKETS.findall(text))), None)


def _references(headers: Headers) -> tuple[str, ...]:
    """Oldest first; of very many the root and the latest, which decide the thread (RFC 5322 section 3.6.4)."""
    references = tuple(dict.fromkeys(_ids(headers, "references")))
    if len(references) > _MOST_REFERENCES:
        return references[:1] + references[1 - _MOST_REFERENCES :]
    return references


def _date(headers: Headers, envelope: str, now: datetime) -> tuple[datetime | None, DateTrouble | None]:
    return sent_at(headers.text("date") or None, _other_dates(headers, envelope), now=now)


def _other_dates(headers: Headers, envelope: str) -> Iterator[str]:
    """RFC 5321 section 4.4: each relay writes its date after the semicolon, the last relay on top."""
    for received in headers.every("received"):
        yield clean_line(raw_text(received).rpartition(";")[2])
    if in_envelope := _ENVELOPE_DATE.search(envelope):
        yield in_envelope.group()


def _is_auto_submitted(headers: Headers) -> bool:
    submitted = headers.text("auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    return headers.text("precedence").lower() in {"auto_reply", "auto-reply"} or "x-autoreply" in headers.fields


def _list_id(headers: Headers) -> str | None:
    value = headers.text("list-id")
    if not value:
        return None
    start, end = value.rfind("<"), value.rfind(">")
    return (value[start + 1 : end] if 0 <= start < end else value).strip().lower()[:_LONGEST_ID] or None


def _list_names(headers: Headers, list_id: str | None) -> frozenset[str]:
    names = {list_key(list_id.partition(".")[0])} if list_id else set()
    for field in _LIST_ADDRESS_FIELDS:
        if address := headers.text(field):
            names.add(list_key(address.strip("<> ").removeprefix("mailto:").partition("@")[0]))
    return frozenset(names - {""})
