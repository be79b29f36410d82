"""A mail as it goes over the wire: header fields that fold and are ASCII, a plain and an HTML part.

Python's email package writes the same; for thousands of mails that differ in a few words it is by far the dearest part.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from email.header import Header
from email.utils import formatdate
from functools import lru_cache

# RFC 5322 section 2.1.1: at most 78 characters without CRLF, where there is a place to fold.
LINE = 78
# An encoded body never holds it, since `=` is written as `=3D` there (RFC 2045 section 6.7).
BOUNDARY = "=_part"
_PART = (
    "--{boundary}\n"
    'Content-Type: text/{kind}; charset="utf-8"\n'
    "Content-Transfer-Encoding: quoted-printable\n"
    "\n"
)  # fmt: skip


def as_bytes(headers: Mapping[str, str], text: str, html: str) -> bytes:
    """Lines end in CRLF. Raises ValueError for a value that no field can carry."""
    fields = [
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"',
        f"Date: {formatdate()}",
        *(field(name, value) for name, value in headers.items()),
    ]
    head = "\n".join(fields).encode("ascii")
    pieces = (head, b"\n\n", _part("plain", text), _part("html", html), f"--{BOUNDARY}--\n".encode())
    return b"".join(pieces).replace(b"\n", b"\r\n")


@lru_cache(maxsize=1024)
def field(name: str, value: str) -> str:
    """Most fields of a mail are the same for all of a post's or a digest's readers."""
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


def _part(kind: str, text: str) -> bytes:
    """7-bit, since relays may re-encode 8-bit text, which breaks a signature."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    head = _PART.format(boundary=BOUNDARY, kind=kind).encode("ascii")
    return head + binascii.b2a_qp(lines, istext=True) + b"\n"
