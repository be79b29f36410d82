"""The end of the door: one transaction writes posts, verdicts, decisions, the queue, events and search words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from moothall.core.clock import now
from moothall.core.ids import allocate
from moothall.core.markdown import render
from moothall.core.quoting import Segment
from moothall.core.storing import store
from moothall.core.text import clean
from moothall.discussions.models import (
    TITLE_LENGTH,
    Attachment,
    AttachmentContent,
    Post,
    Revision,
    Source,
    Status,
    Topic,
)
from moothall.discussions.ranking import recount
from moothall.judging.models import Screening
from moothall.judging.record import screening
from moothall.judging.standing import refresh_standing
from moothall.moderation.apply import STATUS_OF, topics_of
from moothall.moderation.models import Action, Decision, ReviewItem
from moothall.moderation.queue import review_item
from moothall.moderation.reach import take_from_budget
from moothall.notifications.models import Event, EventKind
from moothall.notifications.telling import tell
from moothall.posting.attachment_names import short_name, shown_name
from moothall.posting.gather import Surroundings
from moothall.posting.read import ReadSubmission
from moothall.posting.submission import AttachmentInfo, Submission
from moothall.rules.models import Concern, Rule
from moothall.search.index import index_segments

# Of a mail with all it quotes; nobody reads further than that.
WHOLE_LENGTH = 256 * 1024


@dataclass(slots=True)
class Rows:
    """The rows of a batch, before they are written."""

    topics: list[Topic] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    contents: list[AttachmentContent] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    screenings: list[Screening] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    items: list[ReviewItem] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    words: list[tuple[int, tuple[Segment, ...]]] = field(default_factory=list)


def write(read: Sequence[ReadSubmission], around: Surroundings) -> list[Post]:
    """Call inside a transaction. Returns the posts in the order of `read`; their topics are loaded."""
    rows = Rows()
    topic_ids, post_ids = iter(allocate(Topic, len(read))), iter(allocate(Post, len(read)))
    for one in read:
        topic = around.topic_of(one.submission)
        is_first = topic is None
        if topic is None:
            topic = _new_topic(one, next(topic_ids), around)
            rows.topics.append(topic)
        post = _new_post(one, next(post_ids), topic, around, is_first=is_first)
        take_from_budget(post, has_standing=around.access(one.submission).has_standing)
        _remember(one.submission, topic, post, around)
        _add_rows(rows, one, post, around)
    _save(rows)
    return rows.posts


def _new_topic(one: ReadSubmission, topic_id: int, around: Surroundings) -> Topic:
    asked = one.submission
    at = asked.written_at or now()
    return Topic(
        id=topic_id,
        group=around.groups[asked.group_id],
        author=around.profiles[asked.author_id],
        title=one.title[:TITLE_LENGTH],
        kind=one.kind,
        lane=one.ruling.lane,
        status=STATUS_OF[one.ruling.action],
        created_at=at,
        last_post_at=at,
        last_author_id=asked.author_id,
        rank_at=at,
        is_unanswered=one.kind.waits_for_an_answer,
        thread_key=asked.thread_key,
    )


def _new_post(one: ReadSubmission, post_id: int, topic: Topic, around: Surroundings, *, is_first: bool) -> Post:
    asked = one.submission
    parent = around.parent_of(asked)
    return Post(
        id=post_id,
        group_id=asked.group_id,
        topic=topic,
        author=around.profiles[asked.author_id],
        reply_to=parent if parent is not None and parent.topic_id == topic.id else None,
        is_first=is_first,
        kind=one.kind,
        lane=topic.lane,
        status=STATUS_OF[one.ruling.action],
        source=asked.source,
        text=one.text,
        html=asked.plain.html if asked.plain is not None else render(one.text),
        is_doubtful=one.ruling.is_doubtful,
        is_unproved=asked.is_unproved,
        inbox=one.inbox,
        created_at=asked.written_at or now(),
        message_id=asked.message_id,
        submission_key=asked.key,
    )


def _remember(asked: Submission, topic: Topic, post: Post, around: Surroundings) -> None:
    """Later submissions of the same batch find what this one made."""
    around.topics[topic.id] = topic
    around.posts[post.id] = post
    if asked.thread_key:
        around.topics_by_thread[asked.group_id, asked.thread_key] = topic
    if asked.message_id:
        around.posts_by_message[asked.group_id, asked.message_id] = post


def _add_rows(rows: Rows, one: ReadSubmission, post: Post, around: Surroundings) -> None:
    asked, ruling = one.submission, one.ruling
    rows.posts.append(post)
    rows.words.append((post.id, one.segments))
    for each in asked.attachments:
        _add_attachment(rows, each, post)
    if asked.whole_text:
        rows.revisions.append(_as_mailed(one, post))
    rows.screenings.append(screening(post, one.verdict))
    rows.decisions.append(machine_decision(post, one, rule_about(ruling.concern, around.rules.get(asked.group_id, ()))))
    if ruling.action == Action.HOLD:
        rows.items.append(review_item(post, around.groups[asked.group_id].promise_hours))
    if asked.source != Source.IMPORT:
        rows.events.append(_event(post, around))


def _add_attachment(rows: Rows, given: AttachmentInfo, post: Post) -> None:
    row = Attachment(
        post=post,
        name=short_name(given.name) if post.source == Source.IMPORT else shown_name(given.name),
        content_type=given.content_type[:127],
        size_bytes=given.size_bytes,
        is_kept=given.content is not None,
    )
    rows.attachments.append(row)
    if given.content is not None:
        rows.contents.append(AttachmentContent(attachment=row, data=given.content))


def _as_mailed(one: ReadSubmission, post: Post) -> Revision:
    """What came, before anything was cut off, can be read by its author and the managers where edits can."""
    text = clean(one.submission.whole_text)[:WHOLE_LENGTH]
    title = post.topic.title if post.is_first else ""
    return Revision(post=post, version=Revision.AS_MAILED, title=title, text=text, written_at=post.created_at)


def machine_decision(post: Post, one: ReadSubmission, about: Rule | None) -> Decision:
    return Decision(
        group_id=post.group_id,
        post=post,
        action=one.ruling.action,
        lane=one.ruling.lane,
        is_machine=True,
        reason="\n".join(one.ruling.reasons),
        rule=about,
    )


def rule_about(concern: Concern | None, rules: Sequence[Rule]) -> Rule | None:
    """The group's first rule about this concern, to be quoted."""
    return next((r for r in rules if concern is not None and r.concern == concern), None)


def _event(post: Post, around: Surroundings) -> Event:
    happened_at: datetime = post.created_at
    if post.status == Status.HELD:
        return Event(
            kind=EventKind.HELD, group_id=post.group_id, topic=post.topic, post=post, concerns_id=post.author_id,
            happened_at=happened_at,
        )  # fmt: skip
    answered = post.reply_to.author_id if post.reply_to is not None else post.topic.author_id
    return Event(
        kind=EventKind.POSTED if post.is_first else EventKind.REPLIED,
        group_id=post.group_id,
        topic=post.topic,
        post=post,
        actor_id=post.author_id,
        concerns_id=None if post.is_first or answered == post.author_id else answered,
        happened_at=happened_at,
    )


def _save(rows: Rows) -> None:
    store(Topic, rows.topics)
    store(Post, rows.posts)
    store(Attachment, rows.attachments)
    for content in rows.contents:
        # One by one: ten at once would be a statement of 100 MB.
        AttachmentContent.objects.create(attachment=content.attachment, data=content.data)
    if rows.revisions:
        Revision.objects.bulk_create(rows.revisions)
    store(Screening, rows.screenings)
    for decision, kept in zip(rows.decisions, rows.screenings, strict=True):
        decision.screening = kept
    store(Decision, rows.decisions)
    store(ReviewItem, rows.items)
    tell(rows.events)
    index_segments(rows.words)
    gained = _refresh_standing(rows.posts)
    recount({post.topic_id for post in rows.posts} | gained)


def _refresh_standing(posts: Sequence[Post]) -> set[int]:
    """Topics to be ranked anew because somebody in them gained or lost standing."""
    authors: dict[int, set[int]] = defaultdict(set)
    for post in posts:
        if post.source != Source.IMPORT:
            authors[post.group_id].add(post.author_id)
    return {
        topic for group, profiles in authors.items() for topic in topics_of(group, refresh_standing(group, profiles))
    }
