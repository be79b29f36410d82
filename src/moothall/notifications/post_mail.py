"""The mail of one post to one member."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache

from django.db.models import Q
from django.urls import reverse

from moothall.core.clock import now
from moothall.core.mail_html import html_to_text
from moothall.discussions.models import Attachment, Post
from moothall.groups.models import MailChoice
from moothall.mailer.addresses import post_address, reply_address, unsubscribe_address
from moothall.mailer.compose import one_line
from moothall.mailer.mail import Dropped, Head, Mail
from moothall.mailer.models import OutboundMessage
from moothall.notifications.letterhead import Foot, Written, absolute, foot, list_head, stop_url, topic_url, write
from moothall.notifications.message_ids import message_id, references
from moothall.notifications.models import Attitude, Watch
from moothall.notifications.recipients import Addressee, Addressees, addressees, refusal
from moothall.notifications.wrapping import wrapped

# A post's readers differ by how they chose its lane.
CONTENTS_KEPT = 64
_STYLED = {
    "<a href": '<a style="color:#27497b;" href',
    "<blockquote>": (
        '<blockquote class="rule" style="margin:14px 0;padding-left:14px;border-left:3px solid #3b3026;">'
    ),
    "<pre>": '<pre style="white-space:pre-wrap;font-size:15px;line-height:22px;">',
}
WHY_CHOSEN = "You get this as it comes, since you chose so for this group."
WHY_TOPIC = "You get this as it comes, since you follow this conversation. A button beside it ends that."
WHY_PERSON = "You get this as it comes, since you follow {author}. A button on their profile ends that."


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of the post: mails carry links, so that nothing stays in inboxes that was taken off the site."""

    name: str
    size_bytes: int
    url: str


@dataclass(frozen=True, slots=True)
class Content:
    """What the mail of a post says to everybody."""

    author: str
    group: str
    title: str
    kind: str
    html: str
    url: str
    is_comment: bool
    attachments: tuple[Attached, ...]
    foot: Foot


@dataclass(frozen=True, slots=True)
class Common:
    """What is the same in the mails of a post to all who chose its lane alike."""

    head: Head
    written: Written


@dataclass(frozen=True, slots=True)
class _Batch:
    posts: Mapping[int, Post]
    firsts: Mapping[int, Post]
    readers: Addressees
    watches: Mapping[tuple[int, str, int], str]
    attachments: Mapping[int, Sequence[Attached]]
    common: dict[tuple[int, MailChoice], Common] = field(default_factory=dict)


def prepare_posts(rows: Sequence[OutboundMessage]) -> dict[int, Mail | Dropped]:
    batch = _gather(rows)
    return {row.id: _prepared(row, batch) for row in rows}


def _post_id(row: OutboundMessage) -> int:
    return int(row.thing.partition(":")[2])


def _gather(rows: Sequence[OutboundMessage]) -> _Batch:
    posts = (
        Post.objects.mailable()
        .filter(id__in={_post_id(row) for row in rows})
        .select_related("topic", "group", "author", "reply_to")
        .in_bulk()
    )
    profiles = {row.profile_id for row in rows}
    firsts = Post.objects.filter(topic__in={post.topic_id for post in posts.values()}, is_first=True)
    return _Batch(
        posts=posts,
        firsts={first.topic_id: first for first in firsts.only("id", "topic_id", "message_id")},
        readers=addressees(profiles, {post.group_id for post in posts.values()}),
        watches=_watches(profiles, posts.values()),
        attachments=_attachments(posts),
    )


def _attachments(posts: Mapping[int, Post]) -> Mapping[int, Sequence[Attached]]:
    found: defaultdict[int, list[Attached]] = defaultdict(list)
    for row in Attachment.objects.filter(post__in=posts, is_kept=True).order_by("id"):
        url = absolute(reverse("attachment", args=[posts[row.post_id].group.slug, row.post_id, row.id]))
        found[row.post_id].append(Attached(one_line(row.name) or "without a name", row.size_bytes, url))
    return found


def _watches(profiles: Collection[int], posts: Collection[Post]) -> Mapping[tuple[int, str, int], str]:
    about = Q(topic__in={post.topic_id for post in posts}) | Q(person__in={post.author_id for post in posts})
    return {
        (watch.profile_id, "topic" if watch.topic_id else "person", watch.topic_id or watch.person_id or 0): (
            watch.attitude
        )
        for watch in Watch.objects.filter(about, profile__in=profiles)
    }


def _prepared(row: OutboundMessage, batch: _Batch) -> Mail | Dropped:
    post = batch.posts.get(_post_id(row))
    if post is None:
        return Dropped("The post may not be mailed any more.", is_spared=True)
    reader = batch.readers.get((row.profile_id, post.group_id))
    no = refusal(reader)
    if no is not None or reader is None:
        return no or Dropped("No longer a member.")
    topic = batch.watches.get((row.profile_id, "topic", post.topic_id))
    person = batch.watches.get((row.profile_id, "person", post.author_id))
    if Attitude.MUTE in (topic, person):
        return Dropped("Muted since.")
    why = _why(reader.mail_of(post.topic.lane), topic, person)
    if not why:
        return Dropped("No longer wanted at once.")
    return _mail(post, batch, reader, why.format(author=post.author.name))


def _why(choice: MailChoice, topic: str | None, person: str | None) -> str:
    """ "" where this member does not want it at once."""
    if choice == MailChoice.NONE:
        return ""
    if choice == MailChoice.INSTANT:
        return WHY_CHOSEN
    if topic == Attitude.FOLLOW:
        return WHY_TOPIC
    return WHY_PERSON if person == Attitude.FOLLOW else ""


def _mail(post: Post, batch: _Batch, reader: Addressee, why: str) -> Mail:
    group, lane = post.group, post.topic.lane_value
    choice = reader.mail_of(lane)
    common = batch.common.get((post.id, choice))
    if common is None:
        common = batch.common[post.id, choice] = _common(post, batch, reader)
    way_out = stop_url(reader, lane)
    body = common.written.own(way_out, why)
    return Mail(
        address=reader.address,
        head=common.head,
        reply_to=reply_address(group.slug, reader.profile_id, post.id, now()),
        text=body.text,
        html=body.html,
        message_id=message_id(post),
        stop_url=way_out,
        stop_address=unsubscribe_address(group.slug, reader.profile_id),
    )


def _common(post: Post, batch: _Batch, reader: Addressee) -> Common:
    """For all who chose alike."""
    group, lane = post.group, post.topic.lane_value
    content = Content(
        author=post.author.name,
        group=group.name,
        title=post.topic.title,
        kind=post.shown_kind.label,
        html=post.html,
        url=f"{topic_url(group, post.topic_id)}?post={post.id}#p{post.id}",
        is_comment=not post.is_first,
        attachments=tuple(batch.attachments.get(post.id, ())),
        foot=foot(reader, lane, lane.label),
    )
    title = post.topic.title if post.is_first else f"Re: {post.topic.title}"
    head = Head(
        from_name=f"{post.author.name} via {group.name}",
        from_address=post_address(group.slug, lane),
        subject=f"[{group.name}] {title}",
        references=references(post, batch.firsts.get(post.topic_id)),
        archived_at=content.url,
        list_head=list_head(group, lane),
    )
    return Common(head, written(content))


def _with_styles(html: str) -> str:
    """Mail programs know nothing of the site's style sheets. These tags are as `core.markdown` writes them."""
    for tag, styled in _STYLED.items():
        html = html.replace(tag, styled)
    return html


@lru_cache(maxsize=CONTENTS_KEPT)
def written(content: Content) -> Written:
    values = {each.name: getattr(content, each.name) for each in fields(content)}
    values["text"] = wrapped(html_to_text(content.html))
    values["html"] = _with_styles(content.html)
    return write("post", values)
