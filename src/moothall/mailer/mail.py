"""What whoever sends a mail hands to the mailer: strings, no groups or posts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a mail says: pieces that it shares with other mails, and between these what it alone says."""

    shared: tuple[str, ...]
    own: tuple[str, ...] = ()

    def __str__(self) -> str:
        pieces = [self.shared[0]]
        for own, shared in zip(self.own, self.shared[1:], strict=True):
            pieces += (own, shared)
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class ListHead:
    """What a mail program learns of the list a mail belongs to (RFC 2369, RFC 2919). All are addresses, `mailto:` left
    out."""

    name: str
    slug: str
    post: str
    owner: str
    archive_url: str
    help_url: str


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above a mail, as far as it may be the same for many.

    `references` holds message ids, the oldest first, without brackets.
    """

    from_name: str
    from_address: str
    subject: str
    references: tuple[str, ...] = ()
    archived_at: str = ""
    list_head: ListHead | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """`stop_url` is for one click (RFC 8058), `stop_address` for a mail that stops this one reader's."""

    address: str
    head: Head
    text: Part
    html: Part
    message_id: str
    reply_to: str = ""
    stop_url: str = ""
    stop_address: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Not to be sent after all. `is_spared`: the inbox's gate kept it out, and the log says how many inboxes."""

    why: str
    is_spared: bool = field(default=False)
