"""A mail as it goes over the wire: header fields that fold and are ASCII, a plain and an HTML part.

Python's email package writes the same; for thousands of mails that differ in a few words it is by far the dearest part.
"""

from __future__ import annotations

import binascii
import re
import time
from collections.abc import Sequence
from email.header import Header
from email.utils import formatdate
from functools import lru_cache

from moothall.mailer.mail import Part

# RFC 5322 section 2.1.1: at most 78 characters without CRLF, where there is a place to fold.
LINE = 78
# RFC 2045 section 6.7: at most 76 in a line that is quoted-printable.
_QUOTED_LINE = 76
# An encoded body never holds it, since `=` is written as `=3D` there (RFC 2045 section 6.7).
BOUNDARY = "=_part"
_LEADING_DOT = re.compile(rb"^\..*$", re.MULTILINE)
# The pieces of the parts that are being sent; each may be as long as a post.
_PIECES_KEPT = 64
_PART = (
    "--{boundary}\r\n"
    'Content-Type: text/{kind}; charset="utf-8"\r\n'
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
)  # fmt: skip
_HEADS = {kind: _PART.format(boundary=BOUNDARY, kind=kind).encode("ascii") for kind in ("plain", "html")}


def as_bytes(fields: Sequence[str], text: Part, html: Part) -> bytes:
    """Lines end in CRLF, and none begins with a dot. The fields are those that `field` writes."""
    lines = [
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"',
        _date(int(time.time())),
        *fields,
    ]
    head = "\n".join(lines).replace("\n", "\r\n").encode("ascii")
    pieces = (head, b"\r\n\r\n", *_part("plain", text), *_part("html", html), f"--{BOUNDARY}--\r\n".encode())
    return b"".join(pieces)


@lru_cache(maxsize=1)
def _date(seconds: int) -> str:
    return f"Date: {formatdate(seconds)}"


def field(name: str, value: str) -> str:
    """Raises ValueError for a value that no field can carry."""
    if "\n" in value or "\r" in value or "\x00" in value:
        raise ValueError(f"{name} can't hold {value!r}")
    if not value.isascii():
        return f"{name}: {_encoded(name, value)}"
    line = f"{name}: {value}"
    return line if len(line) <= LINE else _folded(line)


def _encoded(name: str, value: str) -> str:
    """RFC 2047."""
    return Header(value, "utf-8", header_name=name).encode()


def _folded(line: str) -> str:
    """At spaces; words that are longer stay whole, as addresses must."""
    lines: list[str] = []
    words = line.split(" ")
    # A field's name and its first word stay together: a line of white space alone is obsolete (RFC 5322 section 4.2).
    current = " ".join(words[:2])
    for word in words[2:]:
        if word and len(current) + 1 + len(word) > LINE:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}"
    return "\n ".join([*lines, current])


def _part(kind: str, part: Part) -> list[bytes]:
    """What is this reader's own stands between soft line breaks, so that the rest is written out once for all."""
    pieces = [_HEADS[kind], _shared_quoted(part.shared[0])]
    for own, shared in zip(part.own, part.shared[1:], strict=True):
        pieces += (b"=\r\n", _quoted(own), b"=\r\n", _shared_quoted(shared))
    return [*pieces, b"\r\n"]


@lru_cache(maxsize=_PIECES_KEPT)
def _shared_quoted(text: str) -> bytes:
    return _quoted(text)


def _quoted(text: str) -> bytes:
    """7-bit, since relays may re-encode 8-bit text, which breaks a signature."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    quoted = binascii.b2a_qp(lines, istext=True)
    if b"." in quoted:
        quoted = _LEADING_DOT.sub(_without_dot, quoted)
    return quoted.replace(b"\n", b"\r\n")


def _without_dot(line: re.Match[bytes]) -> bytes:
    """A line of a dot alone would end the mail (RFC 5321 section 4.5.2)."""
    written, rest = [], line[0]
    while rest.startswith(b"."):
        is_long = len(rest) + len("=2E") - len(".") > _QUOTED_LINE
        written.append(b"=2E=\n" if is_long else b"=2E")
        rest = rest[1:]
        if not is_long:
            break
    return b"".join([*written, rest])
