"""All that can be done with a mail of an archive before anybody asks the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moothall.core.mime import ParsedMail, parse_message
from moothall.core.plain import render_plain
from moothall.core.quoting import Segment, segments
from moothall.core.text import clean

# Logs and dumps that somebody mailed. Nobody reads them to the end, and a reader of the archive waits for them.
MOST_CHARACTERS = 256 * 1024
CUT_NOTE = "\n\n[The mail was longer; the archive has the rest.]"


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text that is not Markdown: cleaned, cut into what is its author's own and what is quoted, and as HTML."""

    text: str
    segments: tuple[Segment, ...]
    html: str

    @classmethod
    def of(cls, text: str) -> PlainText:
        cleaned = clean(text)
        cut = segments(cleaned)
        return cls(cleaned, cut, render_plain(cut))


@dataclass(frozen=True, slots=True)
class ArchivedMail:
    mail: ParsedMail
    plain: PlainText
    is_cut: bool


def read_mails(raw: Sequence[bytes]) -> list[ArchivedMail]:
    return [_read_mail(data) for data in raw]


def _read_mail(data: bytes) -> ArchivedMail:
    mail = parse_message(data)
    is_cut = len(mail.text) > MOST_CHARACTERS
    text = mail.text[:MOST_CHARACTERS] + CUT_NOTE if is_cut else mail.text
    return ArchivedMail(mail, PlainText.of(text), is_cut)
