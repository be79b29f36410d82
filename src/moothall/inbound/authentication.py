"""What the mail server of this installation found out about a mail's sender (RFC 8601).

Anybody can write such a field, so only those that bear the configured host's name count; that host takes foreign
ones of its own name out (RFC 8601 section 5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from moothall.core.mail_headers import Headers, clean_line, raw_text

_SIGN = re.compile(r'\\.|["()]', re.DOTALL)
_NOT_IN_HOSTS = re.compile(r"[^A-Za-z0-9.-]")
_DMARC = re.compile(r"(?:^|;)\s*dmarc\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_LONGEST_FIELD = 16 * 1024
_MOST_FIELDS = 20


class AuthenticationVerdict(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NONE = "none"  # the host says nothing, or nothing for sure


@dataclass(frozen=True, slots=True)
class Authentication:
    """`hosts` are all that claim to have looked, believed or not, for an operator who wonders."""

    verdict: AuthenticationVerdict
    hosts: tuple[str, ...] = ()


def authentication(headers: Headers, host: str) -> Authentication:
    """A single `dmarc=fail` outweighs a pass: it only makes a manager look."""
    hosts: list[str] = []
    results: list[str] = []
    for value in headers.every("authentication-results")[:_MOST_FIELDS]:
        text = without_asides(clean_line(raw_text(value[:_LONGEST_FIELD])))
        name, _, said = text.partition(";")
        name = (name.split() or [""])[0].lower()
        hosts.append(name[:255])
        if name == host.lower():
            results += [found.group(1).lower() for found in _DMARC.finditer(said)]
    if "fail" in results:
        return Authentication(AuthenticationVerdict.FAIL, tuple(hosts))
    is_passed = results[:1] == ["pass"]
    return Authentication(AuthenticationVerdict.PASS if is_passed else AuthenticationVerdict.NONE, tuple(hosts))


def without_asides(text: str) -> str:
    """Without comments, which may nest, and of quoted strings what a host's name may have (RFC 5322, 3.2.2 and 3.2.4).

    >>> without_asides('"mx.example" (a (b) ; x) 1; spf=fail reason="c; dmarc=pass"').split()
    ['mx.example', '1;', 'spf=fail', 'reason=cdmarcpass']
    """
    pieces: list[str] = []
    depth, is_quoted, at = 0, False, 0
    for sign in _SIGN.finditer(text):
        pieces.append(_shown(text[at : sign.start()], depth, is_quoted=is_quoted))
        at = sign.end()
        if sign.group() == '"' and not depth:
            is_quoted = not is_quoted
        elif sign.group() == "(" and not is_quoted:
            depth += 1
        elif sign.group() == ")" and not is_quoted:
            depth = max(depth - 1, 0)
    pieces.append(_shown(text[at:], depth, is_quoted=is_quoted))
    return "".join(pieces)


def _shown(text: str, depth: int, *, is_quoted: bool) -> str:
    if depth:
        return " "
    return _NOT_IN_HOSTS.sub("", text) if is_quoted else text
