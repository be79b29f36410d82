"""The one door: whatever is posted, from wherever, comes through `submit`."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from moothall.core.deadlocks import again_after_deadlock
from moothall.core.text import clean, clean_line
from moothall.discussions.models import Post, Source, Status, Topic
from moothall.judging.judge import Assess, assess
from moothall.members.models import Profile
from moothall.moderation.lasting import bring_back
from moothall.posting.check import CLOSED, WITHOUT_RATE, check, over_the_rate
from moothall.posting.gather import Surroundings, gather
from moothall.posting.read import ReadSubmission, read
from moothall.posting.submission import Outcome, Result, Submission, refused
from moothall.posting.write import write

RESULT_OF = {
    Status.PUBLISHED: Result.PUBLISHED,
    Status.HELD: Result.HELD,
    Status.RETURNED: Result.RETURNED,
    Status.REJECTED: Result.REJECTED,
}
ANOTHER_TEXT = (
    "This form was sent already, with other words. Send it again to post these too, or edit the first ones where they "
    "stand."
)


class _Overtaken(Exception):
    """A conversation ended, or its author posted elsewhere, while a submission was read."""


def submit(submission: Submission) -> Outcome:
    """One submission through the door. Sending the same form twice posts once and gives the same outcome twice; with
    another text, as from a page that somebody has gone back to, it is refused."""
    return submit_batch([submission])[0]


@again_after_deadlock
def submit_batch(submissions: Sequence[Submission], *, assess: Assess = assess) -> list[Outcome]:
    """Many at once, in order, in one transaction: later ones may answer earlier ones. One outcome for each.

    Reads, then computes without holding a lock, then writes. A form or message that was posted before is not
    posted again, and what answers a conversation that ends meanwhile is refused.
    """
    around = gather(submissions)
    known = _already_posted(submissions)
    refusals = _refusals([(i, s) for i, s in enumerate(submissions) if i not in known], around)
    ready = read([(i, s) for i, s in enumerate(submissions) if i not in known and i not in refusals], around, assess)
    try:
        with transaction.atomic():
            _see_that_they_fit(ready, around)
            posts = write(ready, around)
            _see_that_they_go_on(ready)
            _go_on_with(posts)
    except _Overtaken:
        return submit_batch(submissions, assess=assess)
    except IntegrityError:
        if len(_already_posted(submissions)) <= len(known):
            raise
        return submit_batch(submissions, assess=assess)
    written = {one.position: outcome_of(post, one) for one, post in zip(ready, posts, strict=True)}
    outcomes = known | refusals | written
    return [outcomes[i] for i in range(len(submissions))]


def _see_that_they_fit(read: Sequence[ReadSubmission], around: Surroundings) -> None:
    """Many at once could each find room for one: an author's posts are written one after the other."""
    people = [(one.position, one.submission) for one in read if one.submission.source not in WITHOUT_RATE]
    authors = {submission.author_id for _, submission in people}
    if authors:
        list(Profile.objects.select_for_update(no_key=True).filter(id__in=authors).order_by("id").values_list("id"))
    if over_the_rate(people, around):
        raise _Overtaken


def _see_that_they_go_on(written: Sequence[ReadSubmission]) -> None:
    """Writing has locked the conversations: what ends one from now on sees the answer."""
    answered = {one.submission.topic_id for one in written if one.submission.topic_id is not None}
    if answered and Topic.objects.filter(id__in=answered, status__in=CLOSED).exists():
        raise _Overtaken


def _go_on_with(posts: Sequence[Post]) -> None:
    """An archive's further mails belong to their conversation, also where that ended meanwhile."""
    imported = {post.topic_id for post in posts if post.source == Source.IMPORT and post.status == Status.PUBLISHED}
    ended = Topic.objects.filter(id__in=imported, status=Status.DELETED).order_by("id") if imported else ()
    for topic in ended:
        bring_back(topic.id)


def _refusals(numbered: Sequence[tuple[int, Submission]], around: Surroundings) -> dict[int, Outcome]:
    wrong = {i: refusal for i, submission in numbered if (refusal := check(submission, around)) is not None}
    return wrong | over_the_rate([(i, s) for i, s in numbered if i not in wrong], around)


def _already_posted(submissions: Sequence[Submission]) -> dict[int, Outcome]:
    """Outcomes, by position, of forms and messages that are posts already."""
    by_key = _posts_by_key(submissions)
    by_message = _posts_by_message(submissions)
    found: dict[int, Outcome] = {}
    for i, submission in enumerate(submissions):
        sent = by_key.get((submission.author_id, submission.key)) if submission.key else None
        post = sent or by_message.get((submission.group_id, submission.message_id))
        if sent is not None and not _says(sent, submission):
            found[i] = refused("", ANOTHER_TEXT)
        elif post is not None:
            found[i] = _known_outcome(post)
    return found


def _says(sent: Post, submission: Submission) -> bool:
    """Whether these are the words that were posted, whatever its author has made of them since."""
    before = sent.revisions.filter(version=1).first()
    title, text = (before.title, before.text) if before is not None else (sent.topic.title, sent.text)
    has_title = sent.is_first and submission.topic_id is None
    return text == clean(submission.text) and (not has_title or title == clean_line(submission.title))


def _known_outcome(post: Post) -> Outcome:
    if post.status == Status.DELETED:
        return refused("", "This was posted and then deleted. You find it under your deleted posts.")
    return Outcome(RESULT_OF[Status(post.status)], post.lane_value, post.topic_id, post.id)


def _posts_by_key(submissions: Sequence[Submission]) -> dict[tuple[int, object], Post]:
    keys = {s.key for s in submissions if s.key}
    if not keys:
        return {}
    posts = Post.objects.filter(submission_key__in=keys, author__in={s.author_id for s in submissions})
    posts = posts.select_related("topic")
    return {(p.author_id, p.submission_key): p for p in posts}


def _posts_by_message(submissions: Sequence[Submission]) -> dict[tuple[int, str], Post]:
    ids = {s.message_id for s in submissions if s.message_id}
    if not ids:
        return {}
    posts = Post.objects.filter(message_id__in=ids, group__in={s.group_id for s in submissions})
    return {(p.group_id, p.message_id): p for p in posts}


def outcome_of(post: Post, one: ReadSubmission) -> Outcome:
    """Of a post that was kept, new or edited."""
    return Outcome(
        RESULT_OF[Status(post.status)],
        post.lane_value,
        post.topic_id,
        post.id,
        one.ruling.reasons,
        is_beyond_reach=post.is_beyond_reach,
    )
