"""Which conversation a mail belongs to, one mail after another, in bounded memory.

A thread is known by a key made from the root that its mails refer to (RFC 5322 section 3.6.4: `References`, then
`In-Reply-To`). Every identifier a mail mentions is remembered under the mail's key, so that mails which share any
ancestor share the thread, also when that ancestor comes later in the archive or never. Only when no ancestor is known
does the subject decide, and only for a reply (by its prefix) within 60 days of the thread's last mail; the idea is
Jamie Zawinski's (https://www.jwz.org/doc/threading.html), made incremental.

The latest 50,000 identifiers are held in memory; older ones, and those of earlier runs, are asked from the database
through `known`, once for a batch.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from moothall.core.mime import ParsedMail
from moothall.core.subjects import base_subject

_SUBJECT_WINDOW = timedelta(days=60)
_MOST_REMEMBERED = 50_000
_LONGEST_CHAIN = 1000
_FOOTER = re.compile(r"^(?:[_=~-]{20,}|--[ \t]*)$", re.MULTILINE)
_SYNTHETIC_DOMAIN = "synthetic.invalid"  # RFC 6761 section 6.4: can never be anybody's

KnownThreads = Callable[[Sequence[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a mail goes.

    `message_id` is the mail's own, or a synthetic one (always the same for the same mail) where it has none or shares
    it with a different mail. `parent_message_id` may name a mail that has not arrived yet, or never will.
    `joined_key` is set when this mail shows another thread to be part of the same one: its posts belong to `key`.
    """

    key: str
    parent_message_id: str | None
    message_id: str
    is_duplicate: bool
    by: Literal["reference", "subject", "new"]
    joined_key: str | None = None


@dataclass(slots=True)
class _Entry:
    key: str
    fingerprint: bytes | None = None  # None: mentioned, or stored by an earlier run, but not read yet
    parent: str | None = None


@dataclass(slots=True)
class _SubjectThread:
    key: str
    first_id: str
    last_at: datetime | None


def known_to_nobody(_ids: Sequence[str]) -> Mapping[str, str]:
    """For an import into nothing: no identifier is stored yet."""
    return {}


class Threader:
    """Places mails one after another; give them in the archive's order, also when an import is run again.

    Args:
        known: of the message identifiers asked about, those that are stored, with the key of their thread.
    """

    def __init__(self, known: KnownThreads = known_to_nobody) -> None:
        self._known = known
        self._stored: dict[str, str | None] = {}
        self._entries: dict[str, _Entry] = {}
        self._subjects: dict[str, _SubjectThread] = {}
        self._joined: dict[str, str] = {}
        self._latest_at: datetime | None = None

    def place(self, mail: ParsedMail) -> Placement:
        self._ask_about([mail])
        return self._place(mail)

    def place_all(self, mails: Sequence[ParsedMail]) -> list[Placement]:
        """Like `place` for each, with a single question to the database."""
        self._ask_about(mails)
        return [self._place(mail) for mail in mails]

    def _ask_about(self, mails: Sequence[ParsedMail]) -> None:
        wanted: dict[str, None] = {}
        for mail in mails:
            wanted[synthetic_id(mail)] = None
            wanted.update(dict.fromkeys(_ancestors(mail, mail.message_id)))
            if mail.message_id:
                wanted[mail.message_id] = None
        stored = self._known(list(wanted)) if wanted else {}
        self._stored = {identifier: stored.get(identifier) for identifier in wanted}

    def _place(self, mail: ParsedMail) -> Placement:
        fingerprint = _fingerprint(mail.text)
        message_id = self._own_id(mail, fingerprint)
        entry = self._entries.get(message_id)
        stored_key = self._stored.get(message_id)
        is_duplicate = stored_key is not None or (entry is not None and entry.fingerprint is not None)
        ancestors = _ancestors(mail, message_id)
        if is_duplicate:
            key = self._resolve(stored_key or (entry.key if entry else ""))
            placement = Placement(key, self._parent(message_id, ancestors, entry), message_id, True, "reference")
        else:
            placement = self._place_new(mail, message_id, ancestors)
        self._remember(mail, placement, fingerprint, ancestors)
        return placement

    def _own_id(self, mail: ParsedMail, fingerprint: bytes) -> str:
        """Two mails under one identifier are both kept; a mail that is there already keeps its own."""
        if mail.message_id is None:
            return synthetic_id(mail)
        entry = self._entries.get(mail.message_id)
        if entry is None or entry.fingerprint in {None, fingerprint}:
            return mail.message_id
        return synthetic_id(mail)

    def _place_new(self, mail: ParsedMail, message_id: str, ancestors: Sequence[str]) -> Placement:
        own = self._entries.get(message_id)
        own_key = self._resolve(own.key) if own else None
        parent = self._parent(message_id, ancestors, own)
        key = next((found for ancestor in reversed(ancestors) if (found := self._key_of(ancestor))), None)
        if key is not None:
            joined_key = self._join(own_key, key)
            return Placement(key, parent, message_id, False, "reference", joined_key)
        if own_key is not None:
            return Placement(own_key, parent, message_id, False, "reference")
        found_by_subject = self._thread_by_subject(mail)
        if found_by_subject is not None:
            parent = parent or found_by_subject.first_id
            return Placement(self._resolve(found_by_subject.key), parent, message_id, False, "subject")
        if ancestors:
            return Placement(_thread_key(ancestors[0]), parent, message_id, False, "reference")
        return Placement(_thread_key(message_id), None, message_id, False, "new")

    def _parent(self, message_id: str, ancestors: Sequence[str], own: _Entry | None) -> str | None:
        """The nearest ancestor that is there, else the one that is claimed; never a descendant of the mail itself."""
        is_expected = own is not None
        present = (ancestor for ancestor in reversed(ancestors) if self._is_present(ancestor))
        for candidate in [*present, *reversed(ancestors[-1:])]:
            if not is_expected or not self._descends(candidate, message_id):
                return candidate
        return None

    def _descends(self, candidate: str, message_id: str) -> bool:
        current: str | None = candidate
        for _ in range(_LONGEST_CHAIN):
            if current is None:
                return False
            if current == message_id:
                return True
            entry = self._entries.get(current)
            current = entry.parent if entry else None
        return True

    def _is_present(self, identifier: str) -> bool:
        entry = self._entries.get(identifier)
        return self._stored.get(identifier) is not None or (entry is not None and entry.fingerprint is not None)

    def _key_of(self, identifier: str) -> str | None:
        entry = self._entries.get(identifier)
        key = entry.key if entry else self._stored.get(identifier)
        return self._resolve(key) if key else None

    def _thread_by_subject(self, mail: ParsedMail) -> _SubjectThread | None:
        base, is_reply = base_subject(mail.subject)
        thread = self._subjects.get(base) if is_reply and base else None
        if thread is None:
            return None
        sent_at = mail.date or self._latest_at
        if sent_at is None or thread.last_at is None:
            return thread
        return thread if abs(sent_at - thread.last_at) <= _SUBJECT_WINDOW else None

    def _join(self, own_key: str | None, key: str) -> str | None:
        """Replies came before this mail and opened a thread of their own: that one is part of `key` now."""
        if own_key is None or own_key == key:
            return None
        self._joined[own_key] = key
        return own_key

    def _resolve(self, key: str) -> str:
        while key in self._joined:
            key = self._joined[key]
        return key

    def _remember(self, mail: ParsedMail, placed: Placement, fingerprint: bytes, ancestors: Sequence[str]) -> None:
        for ancestor in ancestors:
            self._entries.setdefault(ancestor, _Entry(placed.key))
        before = self._entries.get(placed.message_id)
        if before is None or before.fingerprint is None:  # a duplicate changes nothing about the first
            self._entries[placed.message_id] = _Entry(placed.key, fingerprint, placed.parent_message_id)
        self._remember_subject(mail, placed)
        for memory in (self._entries, self._subjects, self._joined):
            while len(memory) > _MOST_REMEMBERED:
                del memory[next(iter(memory))]

    def _remember_subject(self, mail: ParsedMail, placed: Placement) -> None:
        if mail.date is not None:
            self._latest_at = max(mail.date, self._latest_at or mail.date)
        base, _ = base_subject(mail.subject)
        if not base:
            return
        before = self._subjects.pop(base, None)  # and back again below, so that the least recent comes first
        sent_at = mail.date or self._latest_at
        if before is None or before.key != placed.key:
            self._subjects[base] = _SubjectThread(placed.key, placed.message_id, sent_at)
            return
        if sent_at is not None and (before.last_at is None or sent_at > before.last_at):
            before.last_at = sent_at
        self._subjects[base] = before


def synthetic_id(mail: ParsedMail) -> str:
    """An identifier made from sender, date, subject and text: the same for the same mail, in every run."""
    parts = (
        mail.message_id or "",
        mail.from_address or mail.from_name,
        mail.date.isoformat() if mail.date else "",
        mail.subject,
        mail.text,
    )
    digest = hashlib.sha256("\0".join(parts).encode())
    return f"{digest.hexdigest()[:40]}@{_SYNTHETIC_DOMAIN}"


def _ancestors(mail: ParsedMail, own_id: str | None) -> tuple[str, ...]:
    """The oldest first; In-Reply-To counts as the nearest where References do not have it."""
    return tuple(_distinct_ancestors(mail, own_id))


def _distinct_ancestors(mail: ParsedMail, own_id: str | None) -> Iterator[str]:
    for identifier in mail.references:
        if identifier != own_id:
            yield identifier
    if mail.in_reply_to and mail.in_reply_to != own_id and mail.in_reply_to not in mail.references:
        yield mail.in_reply_to


def _thread_key(root_id: str) -> str:
    return hashlib.sha256(root_id.encode()).hexdigest()[:32]


def _fingerprint(text: str) -> bytes:
    """Of the words before any footer, since relays change white space and only the list's copy bears its footer."""
    words = _FOOTER.split(text, maxsplit=1)[0].split() or text.split()
    return hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest()
