"""What comes in at the one door, and what goes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from moothall.core.archived import PlainText
from moothall.discussions.models import Kind, Lane, Post, Source


@dataclass(frozen=True, slots=True)
class AttachmentInfo:
    """`content` is None where it is listed only."""

    name: str
    content_type: str
    size_bytes: int
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """A text that somebody wants to have in a group, from wherever it came.

    A new topic has a title and no `topic_id`; a comment has a `topic_id` and perhaps the post it answers.
    `key` names the form that sent it, so that a double click posts once. Mail brings `message_id`, `in_reply_to`, and
    from archives `written_at` and a `thread_key`: the first with a key starts the topic, whoever follows joins it.
    Imported text is `plain`, everything else is Markdown. `is_unproved`: somebody else may have sent it in the author's
    name. `whole_text`: the mail before its quotations were cut off, where any were. `stays_in`: where a manager moved
    the post that is edited.
    """

    group_id: int
    author_id: int
    text: str
    kind: Kind = Kind.DISCUSSION
    title: str = ""
    topic_id: int | None = None
    reply_to_id: int | None = None
    source: Source = Source.WEB
    key: UUID | None = None
    written_at: datetime | None = None
    message_id: str = ""
    in_reply_to: str = ""
    thread_key: str = ""
    attachments: tuple[AttachmentInfo, ...] = ()
    is_unproved: bool = False
    whole_text: str = ""
    plain: PlainText | None = None
    stays_in: Lane | None = None

    @property
    def lane(self) -> Lane:
        """Of a new topic; a comment goes to its topic's."""
        return self.stays_in or self.kind.lane


def submission_of(post: Post) -> Submission:
    """A post as if it were posted now, with its topic loaded; a first post is the start of a topic again."""
    is_plain = post.source == Source.IMPORT and post.version == 1
    return Submission(
        group_id=post.group_id,
        author_id=post.author_id,
        text=post.text,
        title=post.topic.title if post.is_first else "",
        kind=Kind(post.kind),
        topic_id=None if post.is_first else post.topic_id,
        reply_to_id=post.reply_to_id,
        source=Source(post.source),
        plain=PlainText.of(post.text) if is_plain else None,
    )


class Result(StrEnum):
    PUBLISHED = "published"
    HELD = "held"
    RETURNED = "returned"
    REJECTED = "rejected"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why nothing was done, bound to the field that it concerns ("" for the whole)."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission or an edit. REFUSED: nothing was stored, and `problems` say why.

    `is_beyond_reach`: it is mailed to nobody, since its author's budget of inboxes is used up.
    """

    result: Result
    lane: Lane | None = None
    topic_id: int | None = None
    post_id: int | None = None
    reasons: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    is_beyond_reach: bool = False

    @property
    def is_refused(self) -> bool:
        return self.result == Result.REFUSED


def refused(field: str, message: str) -> Outcome:
    return Outcome(Result.REFUSED, problems=(Problem(field, message),))
