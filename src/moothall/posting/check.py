"""Refusals: what must be right before a text is read at all. Each names the field that it concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Count

from moothall.core.clock import now
from moothall.core.text import clean, clean_line, size_bytes
from moothall.discussions.models import TEXT_BYTES, TITLE_LENGTH, Kind, Post, Source, Status
from moothall.posting.gather import Surroundings
from moothall.posting.submission import Outcome, Submission, refused

# New topics and comments in 24 hours. Discourse's newcomers have 3 and 10 on their first day.
TOPICS_A_DAY = {False: 3, True: 20}
COMMENTS_A_DAY = {False: 20, True: 300}
WITHOUT_RATE = (Source.IMPORT, Source.DEMO)
# Of a conversation that takes no answers.
CLOSED = (Status.DELETED, Status.REJECTED, Status.RETURNED)


def check(submission: Submission, around: Surroundings) -> Outcome | None:
    """The first thing that is wrong, or None."""
    return _check_place(submission, around) or _check_words(submission, around)


def _check_place(submission: Submission, around: Surroundings) -> Outcome | None:
    if submission.group_id not in around.groups or submission.author_id not in around.profiles:
        return refused("", "This group no longer exists.")
    if submission.source != Source.IMPORT and not around.access(submission).may_post:
        return refused("", f"Only members can write here. Join the group first.{_kept(submission)}")
    if submission.topic_id is None:
        return None
    topic = around.topics.get(submission.topic_id)
    if topic is None or topic.group_id != submission.group_id or topic.status in CLOSED:
        return refused("", f"This conversation is no longer here.{_kept(submission)}")
    parent = around.posts.get(submission.reply_to_id) if submission.reply_to_id is not None else None
    if submission.reply_to_id is not None and (parent is None or parent.topic_id != topic.id):
        return refused("reply_to", "What you answer is not in this conversation any more. Send it again to answer all.")
    return None


def _kept(submission: Submission) -> str:
    """A form is shown again; whoever mailed it has it in their mail program."""
    return "" if submission.source == Source.MAIL else " What you wrote is kept below."


def _check_words(submission: Submission, around: Surroundings) -> Outcome | None:
    is_import = submission.source == Source.IMPORT
    shown = submission.text if is_import else clean(submission.text)
    if not shown.strip() and not (is_import and submission.attachments):
        return refused("text", "Write something first.")
    if size_bytes(submission.text) > TEXT_BYTES and not is_import:
        return refused("text", f"This is longer than {TEXT_BYTES // 1024} kB. Shorten it, or post it in parts.")
    if submission.kind not in Kind.values:
        return refused("kind", "Choose what kind of post it is.")
    if around.topic_of(submission) is None:
        title = clean_line(submission.title)
        if not title:
            return refused("title", "Give it a title, so that people see what it is about.")
        if len(title) > TITLE_LENGTH and not is_import:
            return refused("title", f"A title has at most {TITLE_LENGTH} characters; this one has {len(title)}.")
    return None


def over_the_rate(numbered: Sequence[tuple[int, Submission]], around: Surroundings) -> dict[int, Outcome]:
    """Refusals by position, for authors who posted their share of the last 24 hours. Imports have no rate."""
    asked = [(i, s) for i, s in numbered if s.source not in WITHOUT_RATE]
    if not asked:
        return {}
    posted = _posted_today({s.author_id for _, s in asked}, set(around.groups))
    found: dict[int, Outcome] = {}
    for position, submission in asked:
        is_comment = submission.topic_id is not None
        standing = around.access(submission).has_standing
        limit = (COMMENTS_A_DAY if is_comment else TOPICS_A_DAY)[standing]
        count = (submission.author_id, submission.group_id, not is_comment)
        if posted[count] >= limit:
            found[position] = refused("", _rate_message(submission.source, is_comment=is_comment, limit=limit))
        posted[count] += 1
    return found


def _posted_today(authors: set[int], groups: set[int]) -> defaultdict[tuple[int, int, bool], int]:
    since = now() - timedelta(days=1)
    rows = (
        Post.objects.filter(author__in=authors, group__in=groups, created_at__gte=since)
        .values_list("author_id", "group_id", "is_first")
        .annotate(posts=Count("id"))
        .order_by()
    )
    posted: defaultdict[tuple[int, int, bool], int] = defaultdict(int)
    for author, group, is_first, posts in rows:
        posted[author, group, is_first] = posts
    return posted


def _rate_message(source: Source, *, is_comment: bool, limit: int) -> str:
    what = "replies" if is_comment else "new conversations"
    later = "Send it again tomorrow." if source == Source.MAIL else "Keep it as a draft until tomorrow."
    return f"You have written {limit} {what} here in 24 hours, which is as many as fit. {later}"
