"""Header fields of a mail: folding, encoded words, parameters.

RFC 5322 section 2.2.3 (folding), RFC 2047 (encoded words), RFC 2231 (parameters in pieces and charsets), each read
leniently: encoded words inside words and quotes, split inside a character, with spaces, in bare 8-bit bytes
(RFC 6532, or no standard at all).
"""

import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from moothall.core.mail_charsets import clean_text, decode_text

_LONGEST_VALUE_BYTES = 64 * 1024  # References of the longest threads are a tenth of this
_LONGEST_PARAMETERS = 8 * 1024

_FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]*:(.*)", re.DOTALL)
_KNOWN_FIELD = re.compile(
    rb"^(?:From|Date|Subject|To|Cc|Message-ID|Received|MIME-Version|Content-[a-z-]+|X-[\w-]+"
    rb"|Reply-To|Sender|List-[a-z-]+|References|In-Reply-To)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_ENCODED_WORDS = re.compile(
    r"=\?([^?\s]{1,80})\?([bq])\?([^?]*)\?=(?:[ \t\n]*(?==\?[^?\s]{1,80}\?[bq]\?))?", re.IGNORECASE
)
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80}?)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_PIECE = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one header block, names in lower case, values as bytes in the order they came."""

    fields: dict[str, list[bytes]]
    is_broken: bool = False

    def first(self, name: str) -> bytes | None:
        values = self.fields.get(name)
        return values[0] if values else None

    def every(self, name: str) -> list[bytes]:
        return self.fields.get(name, [])

    def text(self, name: str) -> str:
        """The decoded value of the first such field, "" without one."""
        value = self.first(name)
        return decode_words(raw_text(value)) if value is not None else ""


def split_headers(data: bytes) -> tuple[Headers, int]:
    """The header block of `data` (lines end in `\\n`), and the offset at which the body begins."""
    if data.startswith(b"\n"):
        return Headers({}), 1
    blank = data.find(b"\n\n")
    block_end, body_at = (blank, blank + 2) if blank >= 0 else (len(data), len(data))
    fields: dict[str, list[bytes]] = {}
    broken_from = _read_fields(data[:block_end], fields)
    if broken_from is not None and not _KNOWN_FIELD.search(data, broken_from, block_end):
        return Headers(fields, is_broken=True), broken_from
    return Headers(fields, is_broken=broken_from is not None), body_at


def raw_text(value: bytes) -> str:
    """A field's value unfolded, its encoded words as they are."""
    text, _ = decode_text(value[:_LONGEST_VALUE_BYTES])
    return text.replace("\n", " ").strip()


def decode_words(text: str) -> str:
    """RFC 2047: neighbouring words of one charset are joined before decoding, since some split inside a character."""
    if "=?" not in text:
        return clean_line(text)
    pieces: list[str] = []
    pending, pending_charset = b"", ""
    at = 0
    for match in _ENCODED_WORDS.finditer(text):
        charset = match.group(1).partition("*")[0].lower()  # RFC 2231 section 5: charset*language
        if pending and (match.start() > at or charset != pending_charset):
            pieces.append(decode_text(pending, pending_charset)[0])
            pending = b""
        pieces.append(text[at : match.start()])
        pending += _word_bytes(match.group(2).lower(), match.group(3))
        pending_charset = charset
        at = match.end()
    if pending:
        pieces.append(decode_text(pending, pending_charset)[0])
    pieces.append(text[at:])
    return clean_line("".join(pieces))


def clean_line(text: str) -> str:
    return " ".join(clean_text(text)[0].split())


def parameters(value: bytes | None) -> tuple[str, dict[str, str]]:
    """What stands before the first semicolon, in lower case, and the parameters (RFC 2045 section 5.1, RFC 2231)."""
    if value is None:
        return "", {}
    text = raw_text(value)[:_LONGEST_PARAMETERS]
    main = clean_line(text.partition(";")[0]).lower()
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(text):
        name = _PIECE.fullmatch(match.group(1))
        content = _unquoted(match.group(2))
        if name is None or not (name.group(2) or name.group(3)):
            plain.setdefault(match.group(1).lower(), decode_words(content))
            continue
        is_percent_encoded = name.group(3) is not None
        pieces.setdefault(name.group(1).lower(), []).append((int(name.group(2) or 0), is_percent_encoded, content))
    return main, plain | {name: _joined(parts) for name, parts in pieces.items()}


def _read_fields(block: bytes, fields: dict[str, list[bytes]]) -> int | None:
    """Fill `fields`; the offset of the first line that is neither field nor continuation, None when all are."""
    broken_from = None
    current: list[bytes] | None = None
    at = 0
    for line in block.split(b"\n"):
        if line[:1] in {b" ", b"\t"}:
            if current is not None:
                current.append(line)
        elif match := _FIELD.match(line):
            name = match.group(1).decode("ascii").lower()
            _store(fields, current)
            current = [name.encode("ascii"), match.group(2)]
        elif broken_from is None and not line.startswith((b"From ", b">From ")) and line:
            broken_from = at
        at += len(line) + 1
    _store(fields, current)
    return broken_from


def _store(fields: dict[str, list[bytes]], current: list[bytes] | None) -> None:
    if current is not None:
        fields.setdefault(current[0].decode("ascii"), []).append(b"\n".join(current[1:]))


def _word_bytes(encoding: str, content: str) -> bytes:
    data = content.encode("utf-8", "replace")
    if encoding == "q":
        return binascii.a2b_qp(data, header=True)
    return base64_bytes(data)[0]


def base64_bytes(data: bytes) -> tuple[bytes, bool]:
    """RFC 2045 section 6.8, foreign characters skipped and lost padding supplied; and whether it was broken."""
    try:
        return binascii.a2b_base64(data), False
    except binascii.Error:
        pass
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)), True


def _unquoted(content: str) -> str:
    content = content.strip()
    if content.startswith('"'):
        content = content[1:-1] if content.endswith('"') and len(content) > 1 else content[1:]
        if "\\" in content:
            content = _ESCAPED.sub(r"\1", content)
    return content


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    parts.sort(key=lambda part: part[0])
    charset = None
    data = b""
    for _, is_percent_encoded, content in parts:
        rest = content
        if is_percent_encoded and charset is None and content.count("'") >= 2:
            charset, _, rest = content.split("'", 2)
        data += unquote_to_bytes(rest) if is_percent_encoded else rest.encode("utf-8", "replace")
    return clean_line(decode_text(data, charset or None)[0])
