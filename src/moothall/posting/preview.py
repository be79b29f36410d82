"""What a submission would look like and how it reads, without keeping anything."""

from __future__ import annotations

from dataclasses import dataclass

from moothall.core.markdown import render
from moothall.core.text import clean
from moothall.discussions.models import Inbox
from moothall.moderation.policy import Ruling
from moothall.moderation.reach import Reach, reach_of
from moothall.posting.check import check
from moothall.posting.gather import gather
from moothall.posting.read import read
from moothall.posting.submission import Problem, Submission
from moothall_screening import Verdict


@dataclass(frozen=True, slots=True)
class Preview:
    """`verdict` and `ruling` are None while something must be put right first; `reach` unless it may be mailed, at once
    or, where it `has_to_earn` that, later."""

    html: str
    problems: tuple[Problem, ...]
    verdict: Verdict | None
    ruling: Ruling | None
    reach: Reach | None = None
    has_to_earn: bool = False


def preview(submission: Submission) -> Preview:
    """Screens and renders; writes nothing."""
    around = gather([submission])
    refusal = check(submission, around)
    html = render(clean(submission.text))
    if refusal is not None:
        return Preview(html, refusal.problems, None, None)
    one = read([(0, submission)], around)[0]
    there = around.access(submission)
    is_first = around.topic_of(submission) is None
    reach = reach_of(
        submission.group_id,
        submission.author_id,
        one.ruling.lane,
        is_first=is_first,
        has_standing=there.has_standing,
    )
    return Preview(
        html,
        (),
        one.verdict,
        one.ruling,
        reach if one.inbox != Inbox.SHUT else None,
        has_to_earn=one.inbox == Inbox.EARNING,
    )
