"""What a submission would look like and how it reads, without keeping anything."""

from __future__ import annotations

from dataclasses import dataclass

from moothall.core.markdown import render
from moothall.core.text import clean
from moothall.discussions.models import Inbox, Post
from moothall.moderation.policy import Ruling
from moothall.moderation.reach import Reach, reach_of
from moothall.posting.check import check, over_the_rate
from moothall.posting.edit import Edit, as_submission, ruled
from moothall.posting.gather import Surroundings, gather
from moothall.posting.read import ReadSubmission, read
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
    refusal = check(submission, around) or over_the_rate([(0, submission)], around).get(0)
    html = render(clean(submission.text))
    if refusal is not None:
        return Preview(html, refusal.problems, None, None)
    one = read([(0, submission)], around)[0]
    reach = _reach(one, around) if one.inbox != Inbox.SHUT else None
    return Preview(html, (), one.verdict, one.ruling, reach, has_to_earn=one.inbox == Inbox.EARNING)


def preview_edit(post: Post, asked: Edit) -> Preview:
    """As `edit` would read it. Load `topic` with the post."""
    submission = as_submission(post, asked)
    around = gather([submission])
    refusal = check(submission, around)
    html = render(clean(submission.text))
    if refusal is not None:
        return Preview(html, refusal.problems, None, None)
    one = ruled(post, read([(0, submission)], around)[0])
    # Who had it by mail is not mailed it again.
    is_new_by_mail = one.inbox != Inbox.SHUT and (post.inbox == Inbox.SHUT or post.lane != one.ruling.lane)
    reach = _reach(one, around, paid=post.reach) if is_new_by_mail else None
    return Preview(html, (), one.verdict, one.ruling, reach, has_to_earn=one.inbox == Inbox.EARNING)


def _reach(one: ReadSubmission, around: Surroundings, *, paid: int = 0) -> Reach:
    return reach_of(
        one.submission.group_id,
        one.submission.author_id,
        one.ruling.lane,
        is_first=around.topic_of(one.submission) is None,
        has_standing=around.access(one.submission).has_standing,
        paid=paid,
    )
