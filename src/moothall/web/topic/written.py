"""What somebody typed into a form, as it came: kept and shown again whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from moothall.discussions.models import Draft, Kind, Post
from moothall.posting.submission import Problem

GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Written:
    """`kind` is None if the form named one that does not exist. `window` is one form, open in a browser, whatever it
    sends; `seen_draft_at` is when the draft was kept that it showed at first."""

    text: str = ""
    title: str = ""
    kind: Kind | None = Kind.DISCUSSION
    reply_to_id: int | None = None
    seen_version: int = 0
    key: UUID | None = None
    window: UUID | None = None
    seen_draft_at: datetime | None = None

    def with_key(self) -> Written:
        """The same, named, so that sending it twice posts it once, and that two windows keep two drafts."""
        return replace(self, key=self.key or uuid4(), window=self.window or uuid4())

    def to_send_again(self) -> Written:
        """Under a name of its own: the one before may be that of a post."""
        return replace(self, key=uuid4())


def from_form(data: Mapping[str, str]) -> Written:
    return Written(
        text=data.get("text", "").replace("\r\n", "\n"),
        title=data.get("title", ""),
        kind=_kind(data.get("kind", Kind.DISCUSSION)),
        reply_to_id=number(data.get("reply_to", "")),
        seen_version=number(data.get("seen_version", "")) or 0,
        key=_key(data.get("key", "")),
        window=_key(data.get("window", "")),
        seen_draft_at=_moment(data.get("seen_draft", "")),
    )


def from_draft(draft: Draft) -> Written:
    return Written(
        text=draft.text,
        title=draft.title,
        kind=Kind(draft.kind),
        reply_to_id=draft.reply_to_id,
        seen_draft_at=draft.updated_at,
    )


def from_post(post: Post) -> Written:
    return Written(text=post.text, title=post.topic.title, kind=Kind(post.kind), seen_version=post.version)


def number(given: str) -> int | None:
    """A row's number from a form or an address; None for anything else."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def by_field(problems: Iterable[Problem]) -> dict[str, str]:
    """Messages for the template; one that concerns no field of the form stands above it."""
    return {problem.field or GENERAL: problem.message for problem in problems}


def _kind(given: str) -> Kind | None:
    return Kind(given) if given in Kind.values else None


def _key(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


def _moment(given: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return None
    return found if found.tzinfo else None
