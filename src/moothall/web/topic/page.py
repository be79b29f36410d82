"""Everything that the page of a conversation shows, gathered in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from moothall.discussions import reading
from moothall.discussions.models import Attachment, Post, PostQuerySet, Status, Thank, Topic
from moothall.discussions.reading import CommentPage, Talker
from moothall.discussions.titles import title_for
from moothall.groups.access import Access
from moothall.posting.delete import is_restorable
from moothall.rules.current import current_rules
from moothall.rules.models import Rule
from moothall.search.similar import similar_topics
from moothall.web.topic.flags import FlagState, flag_states
from moothall.web.topic.notes import Moved, Waiting, moved_away, waiting


@dataclass(frozen=True, slots=True)
class Comment:
    """A post with what its reader may do to it."""

    post: Post
    role: str
    attachments: tuple[Attachment, ...]
    waiting: Waiting | None
    answers: Post | None
    flags: FlagState | None
    is_own: bool
    is_answer: bool
    is_thanked: bool
    may_thank: bool
    may_choose: bool
    may_restore: bool


@dataclass(frozen=True, slots=True)
class TopicPage:
    """`first` is None when nobody here may see the first post any more; `sequence` mixes comments and moved notes."""

    topic: Topic
    first: Comment | None
    sequence: tuple[Comment | Moved, ...]
    comments: CommentPage
    talkers: tuple[Talker, ...]
    more_people: int
    near: tuple[Topic, ...]
    read_at: datetime | None
    first_unread: int | None
    rules: tuple[Rule, ...]

    @property
    def posts(self) -> list[Post]:
        """Every post on the page."""
        return [entry.post for entry in (self.first, *self.sequence) if isinstance(entry, Comment)]


@dataclass(frozen=True, slots=True)
class Where:
    """Which page of a long conversation: the one that holds `post`, follows `after` or precedes `before`."""

    post: int | None = None
    after: int | None = None
    before: int | None = None


def find_topic(there: Access, topic_id: int) -> Topic | None:
    """The conversation, if it is of this group and this person may read its beginning or it is published."""
    topics = Topic.objects.select_related("author", "answer").defer("answer__text", "answer__html")
    topic = topics.filter(id=topic_id, group=there.group).first()
    if topic is None or topic.status == Status.DELETED:
        return None
    if topic.status == Status.PUBLISHED:
        return topic
    begins = Post.objects.readable_by(there.profile).filter(topic=topic, is_first=True)
    return topic if begins.exists() else None


def find_for_own_words(there: Access, topic_id: int) -> Topic | None:
    """A conversation that is not shown any more, for those who find words of theirs in it, or decide about some."""
    own = Post.objects.readable_by(there.profile).filter(topic=topic_id, group=there.group)
    post = own.select_related("topic__author").annotate(shown_title=title_for(there.profile, "topic")).first()
    if post is None:
        return None
    post.topic.title = post.shown_title  # type: ignore[attr-defined]  # annotated above
    return post.topic


def gather(there: Access, topic: Topic, where: Where) -> TopicPage:
    posts = reading.posts_of(topic, there.profile)
    read_at = reading.read_until(topic, there.profile)
    comments = _comment_page(posts, where)
    first = posts.filter(is_first=True).first()
    shown = ([first] if first else []) + list(comments.comments)
    rules = _rules_to_name(there)
    made = _comments(there, topic, shown, rules)
    opening = made.pop(0) if first else None
    talkers = reading.talkers(topic)
    return TopicPage(
        topic=topic,
        first=opening,
        sequence=_with_moved(made, _moved_on(comments, moved_away(topic, there))),
        comments=comments,
        talkers=tuple(talkers),
        more_people=max(topic.people_count - len(talkers), 0),
        # Where a long conversation goes on, a reader has no use for another one yet.
        near=() if comments.has_later else tuple(similar_topics(topic, there.profile)),
        read_at=read_at,
        rules=rules,
        first_unread=reading.first_unread(posts, there.profile, read_at) if there.profile and read_at else None,
    )


def _rules_to_name(there: Access) -> tuple[Rule, ...]:
    """What a flag may name, beside “an advert”; only members flag."""
    return tuple(current_rules(there.group)) if there.is_member else ()


def _comment_page(posts: PostQuerySet, where: Where) -> CommentPage:
    """A number that names no post of this conversation opens it at the beginning."""
    sought = where.post or where.after or where.before
    post = posts.filter(id=sought).first() if sought else None
    if post is None:
        return reading.opening_page(posts)
    if where.post:
        return reading.page_with(posts, post)
    return reading.page_after(posts, post) if where.after else reading.page_before(posts, post)


def _comments(there: Access, topic: Topic, posts: Sequence[Post], rules: Sequence[Rule]) -> list[Comment]:
    ids = [post.id for post in posts]
    roles = _roles(there, topic, posts)
    attachments = _attachments(ids)
    thanked = _thanked(there, ids)
    flags = flag_states(there, posts, rules)
    unpublished = waiting([p for p in posts if p.status in (Status.HELD, Status.RETURNED, Status.REJECTED)])
    asks = there.is_member and topic.author_id == _id(there)
    waits = topic.shown_kind.waits_for_an_answer
    found = []
    for post in posts:
        is_own = post.author_id == _id(there)
        is_open = post.status == Status.PUBLISHED and there.is_member
        found.append(
            Comment(
                post=post,
                role=roles.get(post.author_id, ""),
                attachments=attachments.get(post.id, ()),
                waiting=unpublished.get(post.id),
                answers=_answered(post),
                flags=flags.get(post.id),
                is_own=is_own,
                is_answer=post.id == topic.answer_id,
                is_thanked=post.id in thanked,
                may_thank=is_open and not is_own,
                may_restore=is_own and there.may_post and is_restorable(post),
                # What was marked can be taken back also where it is no question any more.
                may_choose=asks and is_open and not post.is_first and (waits or post.id == topic.answer_id),
            )
        )
    return found


def _id(there: Access) -> int | None:
    return there.profile.id if there.profile else None


def _answered(post: Post) -> Post | None:
    """The comment it answers, while that stands in the same conversation; answering the first needs no saying."""
    parent = post.reply_to
    if parent is None or parent.is_first or parent.topic_id != post.topic_id or parent.status != Status.PUBLISHED:
        return None
    return parent


def _roles(there: Access, topic: Topic, posts: Sequence[Post]) -> dict[int, str]:
    managers = there.group.memberships.managers().filter(profile__in={post.author_id for post in posts})
    roles = dict.fromkeys(managers.values_list("profile_id", flat=True), "keeps this group")
    if topic.shown_kind.waits_for_an_answer:
        roles[topic.author_id] = "asks"
    return roles


def _thanked(there: Access, post_ids: Sequence[int]) -> set[int]:
    if there.profile is None:
        return set()
    return set(Thank.objects.filter(post__in=post_ids, profile=there.profile).values_list("post_id", flat=True))


def _attachments(post_ids: Sequence[int]) -> dict[int, tuple[Attachment, ...]]:
    found: defaultdict[int, list[Attachment]] = defaultdict(list)
    for attachment in Attachment.objects.filter(post__in=post_ids).order_by("id"):
        found[attachment.post_id].append(attachment)
    return {post: tuple(rows) for post, rows in found.items()}


def _moved_on(comments: CommentPage, moved: Sequence[Moved]) -> list[Moved]:
    """Those that stood among the comments of this page."""
    rows = comments.comments
    since = rows[0].created_at if rows and comments.has_earlier else None
    until = rows[-1].created_at if rows and comments.has_later else None
    return [
        note
        for note in moved
        if (since is None or note.decision.post.created_at > since)
        and (until is None or note.decision.post.created_at <= until)
    ]


def _with_moved(comments: Sequence[Comment], moved: Sequence[Moved]) -> tuple[Comment | Moved, ...]:
    timed: list[tuple[datetime, int, Comment | Moved]] = [(c.post.created_at, c.post.id, c) for c in comments]
    timed += [(m.decision.post.created_at, m.decision.post_id, m) for m in moved]
    return tuple(entry for _, _, entry in sorted(timed, key=lambda row: row[:2]))
