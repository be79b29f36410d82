"""What a mail says, and what is attached to it: choosing among the parts (RFC 2046 section 5.1, RFC 2183)."""

import re
from dataclasses import dataclass

from moothall.core.mail_charsets import clean_text, decode_text
from moothall.core.mail_flowed import join_flowed, undo_debris
from moothall.core.mail_headers import clean_line, split_headers
from moothall.core.mail_html import html_to_text
from moothall.core.mail_scrubbed import scrubbed_attachments
from moothall.core.mail_structure import Part, decoded_body, decoded_size
from moothall.core.mail_troubles import Trouble
from moothall.core.mail_uuencoded import without_files

_LONGEST_NAME = 255
_CHARSET_IN_HTML = re.compile(
    rb"""<meta\b[^<>]{0,200}?\bcharset\s{0,3}=\s{0,3}["']?([a-z0-9_-]{1,40})""", re.IGNORECASE
)
_CHARSET_WITHIN_BYTES = 1024  # as browsers look (HTML, section 13.2.3.2)
_WINMAIL = "application/ms-tnef"


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str  # "" where the sender gave none
    content_type: str
    size_bytes: int


class BodyReader:
    """Collects the text and the attachments of one tree of parts, each leaf visited once."""

    def __init__(self, troubles: set[Trouble]) -> None:
        self._troubles = troubles
        self.attachments: list[Attachment] = []
        self.attached: list[Part] = []  # those of `attachments` that are parts, in their order

    def read(self, root: Part) -> str:
        text, uuencoded = without_files(self._text_of(root))
        if not text.strip():
            self._troubles.add(Trouble.NO_TEXT)
        self.attachments += [Attachment(*found) for found in (*scrubbed_attachments(text), *uuencoded)]
        return text

    def _text_of(self, part: Part) -> str:
        if part.children:
            if part.content_type == "multipart/alternative":
                return self._alternative(part.children)
            if part.content_type == "multipart/related":
                return self._related(part)
            return _joined([self._text_of(child) for child in part.children])
        if not _is_read_inline(part):
            self._attach(part)
            return ""
        return self._html(part) if part.content_type == "text/html" else self._plain(part)

    def _alternative(self, children: list[Part]) -> str:
        """RFC 2046 section 5.1.4 has the best last; for a discussion the plainest that says anything is best."""
        plain = [child for child in children if child.content_type == "text/plain"]
        others = [child for child in children if child.content_type != "text/plain"]
        chosen = ""
        for child in [*plain, *others]:
            if not chosen.strip():
                chosen = self._text_of(child)
            elif child.children or not _is_read_inline(child):
                self._text_of(child)  # for its attachments: Apple Mail hides them in the HTML alternative
        return chosen

    def _related(self, part: Part) -> str:
        """RFC 2387: the root (the first, or the one named by `start`) refers to the others."""
        start = part.type_parameters.get("start", "")
        root = part.children[0]
        for child in part.children:
            if start and child.headers.text("content-id") == start:
                root = child
        for child in part.children:
            if child is not root:
                self._attach_all(child)
        return self._text_of(root)

    def _attach_all(self, part: Part) -> None:
        if part.children:
            for child in part.children:
                self._attach_all(child)
        else:
            self._attach(part)

    def _attach(self, part: Part) -> None:
        name = clean_line(part.filename)
        if not name and part.content_type == "message/rfc822":
            name = split_headers(part.body.lstrip(b"\n"))[0].text("subject")
        if part.content_type == _WINMAIL or name.lower() == "winmail.dat":
            self._troubles.add(Trouble.WINMAIL)
        self.attached.append(part)
        self.attachments.append(Attachment(name[:_LONGEST_NAME], part.content_type, decoded_size(part)))

    def _plain(self, part: Part) -> str:
        body = decoded_body(part, self._troubles)
        if not part.transfer_encoding:
            body = undo_debris(body)
        text = self._decoded(body, part)
        if part.type_parameters.get("format", "").lower() == "flowed":
            delete_space = part.type_parameters.get("delsp", "").lower() == "yes"
            return join_flowed(text, delete_space=delete_space)
        return text

    def _html(self, part: Part) -> str:
        self._troubles.add(Trouble.ONLY_HTML)
        body = decoded_body(part, self._troubles)
        named = _CHARSET_IN_HTML.search(body[:_CHARSET_WITHIN_BYTES])
        return clean_text(html_to_text(self._decoded(body, part, named.group(1).decode() if named else None)))[0]

    def _decoded(self, body: bytes, part: Part, otherwise: str | None = None) -> str:
        text, is_guessed = decode_text(body, part.type_parameters.get("charset") or otherwise)
        if is_guessed:
            self._troubles.add(Trouble.GUESSED_CHARSET)
        text, is_cleaned = clean_text(text.removeprefix("\ufeff"))
        if is_cleaned:
            self._troubles.add(Trouble.CONTROL_CHARACTERS)
        return text


def _is_read_inline(part: Part) -> bool:
    """Text without a name, which the sender did not mark as an attachment."""
    if part.disposition == "attachment" or not part.content_type.startswith("text/"):
        return False
    if part.content_type == "text/html":
        return not part.disposition_parameters.get("filename")
    return part.content_type in {"text/plain", "text/enriched", "text/markdown"} and not part.filename


def _joined(texts: list[str]) -> str:
    texts = [text for text in texts if text.strip()]
    return "\n".join(text if text.endswith("\n") else text + "\n" for text in texts[:-1]) + "".join(texts[-1:])
