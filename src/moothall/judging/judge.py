"""The site's one screener, and what it is told of a post."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import takewhile

from django.conf import settings

from moothall.core.beside import Asked, Beside
from moothall.groups.models import Group
from moothall_screening import AuthorRecord, Candidate, GroupModel, Screener, Verdict
from moothall_screening.second_opinion import EndPoint

# Judges candidates of one group by what it taught.
Assess = Callable[[Sequence[Candidate], GroupModel | None], list[Verdict]]

ARCHIVE_TOLD_FROM = 0.34  # just below the threshold of doubt
PIECE = 25  # mails or candidates: enough for the speed of many, few enough that neither process waits long


@cache
def screener() -> Screener:
    """Loaded once a process; safe to share between threads."""
    url = settings.SECOND_OPINION_URL
    asked = EndPoint(url, settings.SECOND_OPINION_MODEL, settings.SECOND_OPINION_KEY) if url else None
    return Screener(second_opinion=asked)


@cache
def fast_screener() -> Screener:
    """Without the sentence model, which a process that reads archives need not load."""
    return Screener(closely=False)


def is_wide(purpose: str) -> bool:
    """Whether a stated interest admits nearly every post, so that none can be held against it."""
    return screener().is_wide(purpose)


def candidate(
    *, group: Group, rules: Sequence[str], subject: str, text: str, parent: str | None, author: AuthorRecord
) -> Candidate:
    return Candidate(
        subject=subject,
        text=text,
        parent=parent,
        group=group.name,
        group_purpose=group.purpose,
        rules=tuple(rules),
        author=author,
    )


def assess(candidates: Sequence[Candidate], taught: GroupModel | None) -> list[Verdict]:
    """Candidates of one group, and what it taught. Pure computation: call it outside of any transaction."""
    return screener().screen_many(candidates, taught)


def assess_archive(
    candidates: Sequence[Candidate],
    taught: GroupModel | None,
    beside: Beside | None = None,
    then: Callable[[], None] = lambda: None,
) -> list[Verdict]:
    """Verdicts of the fast judge alone, and what reads as conversation has its reasons told in brief.

    An archive has thousands of posts that nobody waits for; they are read closely when the group is read again. With a
    process beside this one, both work through them from either end until they meet. What a group taught is about close
    readings too, so there the whole screener is wanted, which is loaded here only. `then` may ask for what that process
    shall do after its share.
    """
    if taught:
        return screener().screen_many(candidates, taught, told_from=ARCHIVE_TOLD_FROM, closely=False)
    read = partial(fast_screener().screen_many, told_from=ARCHIVE_TOLD_FROM, closely=False)
    if beside is None:
        return read(candidates)
    pieces = [candidates[at : at + PIECE] for at in range(0, len(candidates), PIECE)]
    asked = [beside.ask(partial(read, piece)) for piece in pieces]
    then()
    own = [piece.result() for piece in takewhile(Asked.is_mine, reversed(asked))]
    theirs = [piece.result() for piece in asked[: len(asked) - len(own)]]
    return [verdict for verdicts in (*theirs, *reversed(own)) for verdict in verdicts]
