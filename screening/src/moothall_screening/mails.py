"""Mails of an mbox as candidates: their subject, and what they say in plain words."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from itertools import chain, pairwise

from moothall_screening.verdict import Candidate

# A sentence that begins with "From" has no date with a time in it, or no header field in the line below.
_DATED = re.compile(
    rb"From (?:.{0,300}?[ \t])?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+)?"
    rb"(?:[A-Z][a-z]{2}[ \t]+\d{1,2}|\d{1,2}[ \t]+[A-Z][a-z]{2}|\d{4}-\d\d-\d\d)[T \t].{0,20}?\d{1,2}:\d\d"
)
_UNDATED = re.compile(rb"From \S{0,320}[ \t]*\r?\n")
_FIELD = re.compile(rb"[!-9;-~]{1,76}:(?!//)|>From ")
_USUAL_FIELD = re.compile(
    rb"(?:From|Date|Subject|To|Message-ID|Received|Return-Path|MIME-Version|Content-Type|X-[\w-]+):", re.IGNORECASE
)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_UNSEEN = re.compile(r"<(script|style|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE)
_ENDS_LINE = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h\d|/?blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_LONGEST_TYPE = 2_000  # a boundary has 70 characters at most (RFC 2046, section 5.1.1)
_QUADRATIC = frozenset({"punycode", "idna"})  # no charsets of mail, though Python would decode them, slowly


class UnreadableMailError(ValueError):
    """Python's reader of mail raises on some that were really sent."""


class _OfBoundedFields(Compat32):
    """Python parts the parameters of a field in a time that grows with the square of their number."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_TYPE] if name.lower() == "content-type" else value


_OF_BOUNDED_FIELDS = _OfBoundedFields()


def begins_mbox(first: bytes, second: bytes) -> bool:
    return _begins_mail(b"", first, second)


def mails(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each mail without its envelope line, and the number of that line, from 1."""
    mail: list[bytes] = []
    began, before = 0, b""
    for number, (line, after) in enumerate(pairwise(chain(lines, [b""])), start=1):
        if line.startswith(b"From ") and _begins_mail(before, line, after):
            if began:
                yield began, b"".join(mail)
            mail.clear()
            began = number
        elif began:
            mail.append(line)
        before = line
    if began:
        yield began, b"".join(mail)


def candidate_of_mail(raw: bytes) -> Candidate:
    """
    Raises
    ------
    UnreadableMailError
        Python's `email` package failed on it.
    """
    try:
        message = message_from_bytes(_ESCAPED.sub(rb"\1", raw), policy=_OF_BOUNDED_FIELDS)
        return Candidate(
            text=_body(message), subject=_field(message, "subject"), id=_field(message, "message-id") or None
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableMailError from error


def _begins_mail(before: bytes, line: bytes, after: bytes) -> bool:
    if _DATED.match(line):
        return _FIELD.match(after) is not None
    return not before.strip() and _UNDATED.fullmatch(line) is not None and _USUAL_FIELD.match(after) is not None


def _field(message: Message, name: str) -> str:
    """Unfolded, with its encoded words (RFC 2047) decoded."""
    value = next((str(value) for key, value in message.raw_items() if key.lower() == name), "")
    raw = value.encode("utf-8", "surrogateescape")
    try:
        pieces = decode_header(_decoded(raw, None))
    except HeaderParseError:
        pieces = [(raw, None)]
    return " ".join("".join(_piece(*piece) for piece in pieces).split())


def _piece(said: bytes | str, charset: str | None) -> str:
    if isinstance(said, str):
        return said
    return _decoded(said, charset) if charset else said.decode("raw-unicode-escape", "replace")


def _body(message: Message) -> str:
    """The first part of plain text that says anything, else the first of HTML."""
    told = {"text/plain": "", "text/html": ""}
    for part in message.walk():
        kind = part.get_content_type()
        if kind in told and not told[kind].strip() and part.get_content_disposition() != "attachment":
            payload = part.get_payload(decode=True)
            told[kind] = _decoded(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""
    return told["text/plain"] if told["text/plain"].strip() else _without_tags(told["text/html"])


def _without_tags(text: str) -> str:
    text = _ENDS_LINE.sub("\n", _UNSEEN.sub(" ", text))
    return html.unescape(_TAG.sub("", text)).strip()


def _decoded(payload: bytes, charset: str | None) -> str:
    for each in (charset, "utf-8"):
        try:
            if each and codecs.lookup(each).name not in _QUADRATIC:
                return payload.decode(each)
        except (LookupError, ValueError):
            continue
    return payload.decode("cp1252", "replace")
