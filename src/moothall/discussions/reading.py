"""Reading one conversation: its posts a page at a time, who talks, and how far a member has read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from moothall.discussions.models import Post, PostQuerySet, Status, Topic, TopicRead
from moothall.members.models import Profile, ProfileState

PAGE = 100
TALKERS_SHOWN = 6
_ORDER = ("created_at", "id")
# Long, and on no page of a conversation.
_UNREAD = ("text", "author__about", "author__about_html", "reply_to__text", "reply_to__html",
           "reply_to__author__about", "reply_to__author__about_html")  # fmt: skip


@dataclass(frozen=True, slots=True)
class CommentPage:
    """Consecutive comments in the order of writing; the first post is not among them."""

    comments: tuple[Post, ...]
    has_earlier: bool
    has_later: bool


@dataclass(frozen=True, slots=True)
class Talker:
    name: str
    handle: str
    state: ProfileState
    headline: str
    post_count: int
    thanked_count: int


def posts_of(topic: Topic, profile: Profile | None) -> PostQuerySet:
    """What this person sees of a conversation, deleted posts included: of those only a line is shown."""
    gone = Q(status_before=Status.PUBLISHED) | (Q(is_first=True, topic__status=Status.PUBLISHED) & ~Q(status_before=""))
    if profile is not None:
        gone |= Q(author=profile)
    deleted = Post.objects.filter(gone, status=Status.DELETED)
    seen = Post.objects.readable_by(profile) | deleted
    return seen.filter(topic=topic).select_related("author", "reply_to__author").defer(*_UNREAD)


def opening_page(posts: PostQuerySet) -> CommentPage:
    rows = list(posts.filter(is_first=False).order_by(*_ORDER)[: PAGE + 1])
    return CommentPage(tuple(rows[:PAGE]), has_earlier=False, has_later=len(rows) > PAGE)


def page_after(posts: PostQuerySet, post: Post) -> CommentPage:
    rows = list(posts.filter(_later(post), is_first=False).order_by(*_ORDER)[: PAGE + 1])
    return CommentPage(tuple(rows[:PAGE]), has_earlier=True, has_later=len(rows) > PAGE)


def page_before(posts: PostQuerySet, post: Post) -> CommentPage:
    before = posts.filter(earlier(post), is_first=False).order_by("-created_at", "-id")
    rows = list(before[: PAGE + 1])
    if len(rows) <= PAGE:
        return opening_page(posts)
    return CommentPage(tuple(reversed(rows[:PAGE])), has_earlier=True, has_later=True)


def page_with(posts: PostQuerySet, post: Post) -> CommentPage:
    """The opening page if the post is on it, else the page that begins with it."""
    before = posts.filter(earlier(post), is_first=False).order_by()
    if post.is_first or before[:PAGE].count() < PAGE:
        return opening_page(posts)
    rows = list(posts.filter(_later(post) | Q(id=post.id), is_first=False).order_by(*_ORDER)[: PAGE + 1])
    return CommentPage(tuple(rows[:PAGE]), has_earlier=True, has_later=len(rows) > PAGE)


def _later(post: Post) -> Q:
    return Q(created_at__gt=post.created_at) | Q(created_at=post.created_at, id__gt=post.id)


def earlier(post: Post) -> Q:
    """What was written before this post."""
    return Q(created_at__lt=post.created_at) | Q(created_at=post.created_at, id__lt=post.id)


def talkers(topic: Topic) -> list[Talker]:
    """Six people at most: those whom others here thanked most, then those who wrote most."""
    rows = (
        Post.objects.published()
        .filter(topic=topic)
        .values_list("author__name", "author__handle", "author__state", "author__headline")
        .annotate(post_count=Count("id"), thanked=Sum("thanked_count"))
        .order_by("-thanked", "-post_count", "author__handle")[:TALKERS_SHOWN]
    )
    return [Talker(name, handle, ProfileState(state), *rest) for name, handle, state, *rest in rows]


def read_until(topic: Topic, profile: Profile | None) -> datetime | None:
    if profile is None:
        return None
    return TopicRead.objects.filter(topic=topic, profile=profile).values_list("read_at", flat=True).first()


def first_unread(posts: PostQuerySet, profile: Profile, since: datetime) -> int | None:
    unread = posts.filter(created_at__gt=since, status=Status.PUBLISHED).exclude(author=profile)
    return unread.order_by(*_ORDER).values_list("id", flat=True).first()


def mark_read(topic: Topic, profile: Profile, *, since: datetime | None, until: datetime) -> None:
    """Moves the mark from where it was found forward, never back."""
    if since is None:
        TopicRead.objects.bulk_create([TopicRead(topic=topic, profile=profile, read_at=until)], ignore_conflicts=True)
    elif since < until:
        TopicRead.objects.filter(topic=topic, profile=profile, read_at__lt=until).update(read_at=until)
