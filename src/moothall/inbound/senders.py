"""Who sent a mail, by the address for which mail servers vouch (RFC 7489)."""

from __future__ import annotations

import re

from moothall.core.mail_addresses import split_mailbox
from moothall.core.mail_headers import Headers, raw_text
from moothall.inbound.authentication import without_asides

_LONGEST_FIELD = 2000
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,80}\?[bq]\?[^?]*\?=", re.IGNORECASE)
_SOLE = re.compile(r"([^<>,;:]*)<\s*([^<>\s]+)\s*>\s*|\s*([^<>\s]+)\s*")
_IN_BRACKETS = re.compile(r"<([^<>]*@[^<>]*)>")


def sender(headers: Headers) -> tuple[str, str | None]:
    """Name and address by the From field alone; two of them vouch for nothing (RFC 7489 section 6.6.1)."""
    values = headers.every("from")
    if len(values) != 1:
        return "", None
    text = raw_text(values[0])
    name, address = split_mailbox(text)
    sole = sole_address(text)
    return (name if address == sole else ""), sole


def sole_address(text: str) -> str | None:
    """The address in a raw From field, None where a mail server could read another one or none at all there.

    What stands in quotation marks or comments is no address, whatever it looks like (RFC 5322 section 3.2).

    >>> sole_address('"Mia (at home)" <Mia@moot.example>')
    'mia@moot.example'
    >>> sole_address('"<mia@moot.example>" <sal@elsewhere.example>') is None
    True
    """
    text = text[:_LONGEST_FIELD]
    found = _SOLE.fullmatch(without_asides(_ENCODED_WORD.sub("", text)))
    if found is None:
        return None
    address = (found.group(2) or found.group(3)).lower()
    in_name = [word for word in (found.group(1) or "").lower().split() if "@" in word]
    in_brackets = [written.strip().lower() for written in _IN_BRACKETS.findall(text)]
    is_plain = address in text.lower() and split_mailbox(address)[1] == address
    return address if is_plain and {*in_name, *in_brackets} <= {address} else None
