"""The addresses at which groups are written to, and what each one means.

    old-houses@…                        a new conversation; +promotions and +jobs: in those lanes
    old-houses-owner@…                  its managers
    old-houses+reply-<token>@…          a reply, by one member to one post, for 90 days
    old-houses+confirm-<token>@…        the answer to “really?”, for a week
    old-houses+unsubscribe-<token>@…    no more mail of this group for one member
    old-houses+unsubscribe@…            the same, asked for without the token
    bounces+<token>@…                   the envelope's sender of one mail (VERP)
    complaints@…                        where providers report that a mail was not wanted (RFC 5965)

A token is base32, since relays may change the case of a local part, and ends in 64 bits of an HMAC: a guess costs a
whole mail, and is refused at RCPT. It names ids alone, so that no address tells who somebody is. A local part stays
within 64 octets (RFC 5321 section 4.5.3.1.1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.conf import settings

from moothall.core.clock import now

LANES = ("discussions", "promotions", "jobs")
REPLY_DAYS = 90
CONFIRM_DAYS = 7
LONGEST_LOCAL = 64
_LONGEST_READ = 320  # RFC 3696 erratum 1690: longer ones are no address
_MAC_BYTES = 8
_STOP_MAC_BYTES = 16
_DAY_ZERO = datetime(2020, 1, 1, tzinfo=UTC)
_SLUG = r"(?P<slug>[a-z0-9_][a-z0-9_-]{0,59})"
_PLAIN = re.compile(rf"{_SLUG}(?:\+(?P<word>promotions|jobs|unsubscribe))?")
_TOKEN = re.compile(rf"{_SLUG}\+(?P<word>reply|confirm|unsubscribe)-(?P<token>[a-z2-7]{{14,64}})")
_BOUNCE = re.compile(r"bounces\+(?P<token>[a-z2-7]{14,64})")
_OWNER = "-owner"
_COMPLAINTS = "complaints"


class RecipientKind(StrEnum):
    POST = "post"
    OWNER = "owner"
    REPLY = "reply"
    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Recipient:
    """What an address of ours means. Ids are 0 where the kind has none; an unsubscription without token has no profile.

    The slug of a reply's address may be cut: its group is its post's.
    """

    kind: RecipientKind
    slug: str = ""
    lane: str = ""
    profile_id: int = 0
    post_id: int = 0
    outbound_id: int = 0
    is_expired: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    profile_id: int
    group_id: int
    what: str


def mail_domain() -> str:
    return str(settings.MAIL_DOMAIN)


def post_address(slug: str, lane: str = "discussions") -> str:
    if lane not in LANES:
        raise ValueError(f"{lane} is no lane")
    return _at(slug if lane == "discussions" else f"{slug}+{lane}")


def owner_address(slug: str) -> str:
    return _at(f"{slug}{_OWNER}")


def reply_address(slug: str, profile_id: int, post_id: int, at: datetime) -> str:
    token = _token("reply", [profile_id, post_id, _day(at + timedelta(days=REPLY_DAYS))])
    ending = f"+reply-{token}"
    return _at(slug[: LONGEST_LOCAL - len(ending)].rstrip("-") + ending)


def confirm_address(slug: str, profile_id: int, at: datetime) -> str:
    """Asks whether this member wants no more mail of the group."""
    return _at(f"{slug}+confirm-{_token(f'confirm {slug}', [profile_id, _day(at + timedelta(days=CONFIRM_DAYS))])}")


def unsubscribe_address(slug: str, profile_id: int) -> str:
    return _at(f"{slug}+unsubscribe-{_token(f'unsubscribe {slug}', [profile_id])}")


def bounce_address(outbound_id: int) -> str:
    return _at(f"bounces+{_token('bounce', [outbound_id])}")


def read_recipient(address: str) -> Recipient | None:
    """None for addresses of other domains, forged tokens and whatever is no address of ours. Never asks whether the
    group exists.

    >>> read_recipient("nobody@elsewhere.invalid") is None
    True
    """
    if len(address) > _LONGEST_READ:
        return None
    local, _, domain = address.strip().strip("<>").lower().rpartition("@")
    if domain != mail_domain():
        return None
    if match := _BOUNCE.fullmatch(local):
        ids = _read_token("bounce", match["token"], 1)
        return Recipient(RecipientKind.BOUNCE, outbound_id=ids[0]) if ids else None
    if match := _TOKEN.fullmatch(local):
        return _read_with_token(match["slug"], match["word"], match["token"])
    if local == _COMPLAINTS:
        return Recipient(RecipientKind.COMPLAINT)
    match = _PLAIN.fullmatch(local)
    return _read_plain(match["slug"], match["word"]) if match else None


def stop_token(profile_id: int, group_id: int, what: str) -> str:
    """For the address of a one-click unsubscription (RFC 8058). It never expires: old mails must stop mail too."""
    data = _varint(profile_id) + _varint(group_id) + what.encode("ascii")
    return _base32(data + _mac("stop", data, _STOP_MAC_BYTES))


def read_stop_token(token: str) -> Stop | None:
    data = _checked("stop", token, _STOP_MAC_BYTES)
    if data is None:
        return None
    (profile_id, group_id), rest = _varints(data, 2)
    return Stop(profile_id, group_id, rest.decode("ascii"))


def _at(local: str) -> str:
    return f"{local}@{mail_domain()}"


def _read_plain(slug: str, word: str | None) -> Recipient:
    if word == "unsubscribe":
        return Recipient(RecipientKind.UNSUBSCRIBE, slug=slug)
    if word is None and slug.endswith(_OWNER) and slug != _OWNER:
        return Recipient(RecipientKind.OWNER, slug=slug.removesuffix(_OWNER))
    return Recipient(RecipientKind.POST, slug=slug, lane=word or "discussions")


def _read_with_token(slug: str, word: str, token: str) -> Recipient | None:
    if word == "reply":
        ids = _read_token("reply", token, 3)
        if not ids:
            return None
        profile_id, post_id, day = ids
        kind = RecipientKind.REPLY
        return Recipient(kind, slug=slug, profile_id=profile_id, post_id=post_id, is_expired=day < _day(now()))
    if word == "confirm":
        ids = _read_token(f"confirm {slug}", token, 2)
        expired = bool(ids) and ids[1] < _day(now())
        return Recipient(RecipientKind.CONFIRM, slug=slug, profile_id=ids[0], is_expired=expired) if ids else None
    ids = _read_token(f"unsubscribe {slug}", token, 1)
    return Recipient(RecipientKind.UNSUBSCRIBE, slug=slug, profile_id=ids[0]) if ids else None


def _day(at: datetime) -> int:
    return max((at - _DAY_ZERO).days, 0)


def _token(purpose: str, numbers: Sequence[int]) -> str:
    data = b"".join(_varint(number) for number in numbers)
    return _base32(data + _mac(purpose, data, _MAC_BYTES))


def _read_token(purpose: str, token: str, count: int) -> list[int]:
    """The numbers, or [] when we did not make this token."""
    data = _checked(purpose, token, _MAC_BYTES)
    return _varints(data, count)[0] if data is not None else []


def _checked(purpose: str, token: str, mac_bytes: int) -> bytes | None:
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    data, given = raw[:-mac_bytes], raw[-mac_bytes:]
    # Spare bits at the end of base32 must not make a second address out of one.
    is_ours = hmac.compare_digest(given, _mac(purpose, data, mac_bytes)) and _base32(raw) == token.lower()
    return data if data and is_ours else None


def _mac(purpose: str, data: bytes, size: int) -> bytes:
    return hmac.digest(_key(purpose, settings.SECRET_KEY), data, "sha256")[:size]


@lru_cache(maxsize=1024)
def _key(purpose: str, secret: str) -> bytes:
    """As Django's salted_hmac makes it, once for each purpose: each mail has four tokens."""
    return hashlib.sha256(f"moothall.mailer.addresses {purpose}{secret}".encode()).digest()


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the high bit says that more follow."""
    if number < 0:
        raise ValueError(number)
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _varints(data: bytes, count: int) -> tuple[list[int], bytes]:
    """Only for data whose HMAC was right."""
    numbers, at = [], 0
    for _ in range(count):
        number, shift = 0, 0
        while True:
            number |= (data[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 0x80:
                break
        numbers.append(number)
    return numbers, data[at:]
