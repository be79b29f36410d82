"""The tree of MIME parts of a mail (RFC 2045, RFC 2046), built without ever failing.

Python's `email` package raises on some real mails and recurses once for each level of nesting; here depth and number
of parts are bounded and each level is cut by plain searches, so that hostile structures cost linear time.
"""

import binascii
import re
from dataclasses import dataclass, field

from moothall.core.mail_headers import Headers, base64_bytes, parameters, split_headers
from moothall.core.mail_troubles import Trouble

_DEEPEST_LEVEL = 40
_MOST_PARTS = 1000
_LONGEST_BOUNDARY = 200  # RFC 2046 section 5.1.1 allows 70
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
_FIRST_DELIMITER = re.compile(rb"(?:\A|\n)--([^\s-][^\n]{0,198}?)[ \t]*\n(?=[Cc]ontent-)")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/=\s]*")


@dataclass(slots=True)
class Part:
    headers: Headers
    content_type: str  # "text/plain" where none or nonsense is declared (RFC 2045 section 5.2)
    type_parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    body: bytes  # still in its transfer encoding
    children: list["Part"] = field(default_factory=list)

    @property
    def filename(self) -> str:
        return self.disposition_parameters.get("filename") or self.type_parameters.get("name") or ""

    @property
    def transfer_encoding(self) -> str:
        return parameters(self.headers.first("content-transfer-encoding"))[0]


@dataclass(slots=True)
class _Budget:
    parts_left: int
    troubles: set[Trouble]


def part_tree(data: bytes, troubles: set[Trouble]) -> Part:
    """The parts of a message whose lines end in `\\n`; what had to be made up is added to `troubles`."""
    return _part(data, depth=0, budget=_Budget(_MOST_PARTS, troubles), default_type="text/plain")


def decoded_body(part: Part, troubles: set[Trouble]) -> bytes:
    """The content of a leaf with its transfer encoding undone (RFC 2045 section 6)."""
    encoding = part.transfer_encoding
    if encoding == "base64":
        return _decoded_base64(part.body, troubles)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(part.body)
    return part.body


def decoded_size(part: Part) -> int:
    """Size of a leaf's content in bytes, without decoding what is large."""
    encoding = part.transfer_encoding
    if encoding == "base64":
        letters = part.body.translate(None, b" \t\r\n").rstrip(b"=")
        return len(letters) * 3 // 4
    if encoding == "quoted-printable":
        return len(binascii.a2b_qp(part.body))
    return len(part.body)


def _part(data: bytes, *, depth: int, budget: _Budget, default_type: str) -> Part:
    budget.parts_left -= 1
    headers, body_at = split_headers(data)
    declared, type_parameters = parameters(headers.first("content-type"))
    disposition, disposition_parameters = parameters(headers.first("content-disposition"))
    if headers.is_broken:
        budget.troubles.add(Trouble.BROKEN_HEADERS)
    content_type = declared if _TYPE.fullmatch(declared) else default_type if not declared else "text/plain"
    body = data[body_at:]
    part = Part(headers, content_type, type_parameters, disposition, disposition_parameters, body)
    if content_type.startswith("multipart/"):
        _divide(part, depth=depth, budget=budget)
    return part


def _divide(part: Part, *, depth: int, budget: _Budget) -> None:
    if depth >= _DEEPEST_LEVEL:
        budget.troubles.add(Trouble.TOO_MANY_PARTS)
        return
    boundary = part.type_parameters.get("boundary", "").encode("utf-8")[:_LONGEST_BOUNDARY]
    sections = _sections(part.body, boundary, budget) if boundary else None
    if sections is None:
        budget.troubles.add(Trouble.BROKEN_MULTIPART)
        found = _FIRST_DELIMITER.search(part.body)
        sections = _sections(part.body, found.group(1), budget) if found else None
    if sections is None:
        part.content_type = "text/plain"
        return
    default_type = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    for start, end in sections:
        if budget.parts_left <= 0:
            budget.troubles.add(Trouble.TOO_MANY_PARTS)
            return
        child = _part(part.body[start:end], depth=depth + 1, budget=budget, default_type=default_type)
        part.children.append(child)


def _sections(body: bytes, boundary: bytes, budget: _Budget) -> list[tuple[int, int]] | None:
    """Where the parts between the delimiter lines begin and end; None when there is no delimiter line."""
    delimiter = b"--" + boundary
    sections: list[tuple[int, int]] = []
    started_at: int | None = None
    at = 0 if body.startswith(delimiter) else _next_line_start(body, delimiter, 0)
    while at >= 0:
        line_end = body.find(b"\n", at)
        line_end = len(body) if line_end < 0 else line_end
        rest = body[at + len(delimiter) : min(line_end, at + len(delimiter) + 80)].strip()
        if rest in {b"", b"--"}:
            if started_at is not None:
                sections.append((started_at, max(at - 1, started_at)))
            started_at = line_end + 1 if not rest else None
            if rest or len(sections) > budget.parts_left:
                break
        at = _next_line_start(body, delimiter, line_end)
    if started_at is not None:
        sections.append((min(started_at, len(body)), len(body)))
    return sections or None


def _next_line_start(body: bytes, delimiter: bytes, at: int) -> int:
    found = body.find(b"\n" + delimiter, at)
    return found + 1 if found >= 0 else -1


def _decoded_base64(body: bytes, troubles: set[Trouble]) -> bytes:
    """A list's footer is often pasted in the clear below a base64 body; it is kept in the clear."""
    run = _BASE64_RUN.match(body)
    run_end = run.end() if run else 0
    encoded, tail = body, b""
    if run_end < len(body):
        line_start = body.rfind(b"\n", 0, run_end) + 1
        if line_start > 0:
            encoded, tail = body[:line_start], body[line_start:]
        troubles.add(Trouble.BROKEN_ENCODING)
    data, is_broken = base64_bytes(encoded)
    if is_broken:
        troubles.add(Trouble.BROKEN_ENCODING)
    return data + b"\n" + tail if tail else data
