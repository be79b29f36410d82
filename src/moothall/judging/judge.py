"""The site's one screener, and what it is told of a post."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from moothall.groups.models import Group
from moothall_screening import AuthorRecord, Candidate, GroupModel, Screener, Verdict

ARCHIVE_TOLD_FROM = 0.2  # below the threshold of doubt with room to spare


@cache
def screener() -> Screener:
    """Loaded once a process; safe to share between threads."""
    return Screener()


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


def assess_archive(candidates: Sequence[Candidate], taught: GroupModel | None) -> list[Verdict]:
    """Verdicts of the fast judge alone, and what reads as conversation has its reasons told in brief.

    An archive has thousands of posts that nobody waits for; they are read closely when the group is read again.
    """
    return screener().screen_many(candidates, taught, told_from=ARCHIVE_TOLD_FROM, closely=False)
