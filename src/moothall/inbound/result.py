"""What became of a mail."""

from __future__ import annotations

from dataclasses import dataclass

from moothall.inbound.models import MailState


@dataclass(frozen=True, slots=True)
class Forward:
    """A mail that is passed on to a manager."""

    address: str
    subject: str
    text: str
    reply_to: str


@dataclass(frozen=True, slots=True)
class Question:
    """What its sender is asked before anything is done; an answer to `reply_to` is a yes."""

    address: str
    subject: str
    text: str
    reply_to: str


@dataclass(frozen=True, slots=True)
class Result:
    """`notice` is what its sender is told, "" for nothing; `reason` is for an operator who looks. The notice, the
    question and the `forwards` are sent when the result is kept, once, however often the mail is read."""

    state: MailState
    reason: str = ""
    notice: str = ""
    post_id: int | None = None
    forwards: tuple[Forward, ...] = ()
    question: Question | None = None


NOT_LOST = "What you sent was not lost: it is in your own mail program, as sent."


def refused(reason: str) -> Result:
    """Not taken, and the sender is told why."""
    return Result(MailState.REFUSED, reason, notice=reason)


def not_posted(reason: str) -> Result:
    return Result(MailState.REFUSED, reason, notice=f"{reason}\n\n{NOT_LOST}")
