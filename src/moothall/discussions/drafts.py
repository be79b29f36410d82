"""What somebody has begun to write: one text a group for new topics, one a topic for replies."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from moothall.core.clock import now
from moothall.core.text import clean, clean_line
from moothall.discussions.models import TITLE_LENGTH, Draft, Kind, Post
from moothall.discussions.titles import title_for
from moothall.groups.models import Group
from moothall.members.models import Profile


@dataclass(frozen=True, slots=True)
class DraftPlace:
    """Whose draft, and for where; `topic_id` is None for a new topic."""

    author_id: int
    group_id: int
    topic_id: int | None


def find(place: DraftPlace) -> Draft | None:
    return _at(place).first()


@transaction.atomic
def keep(place: DraftPlace, *, kind: Kind, title: str, text: str, reply_to_id: int | None) -> bool:
    """Puts the text in place of the one kept before. An empty text keeps nothing; then False is returned.

    `reply_to_id` names the post of the same topic that it answers; any other is left out.
    """
    title, text = clean_line(title)[:TITLE_LENGTH], clean(text)
    if not title and not text:
        drop(place)
        return False
    answered = Post.objects.filter(id=reply_to_id or 0, topic=place.topic_id).first()
    if not _at(place).update(kind=kind, title=title, text=text, reply_to=answered, updated_at=now()):
        draft = Draft(
            author_id=place.author_id,
            group_id=place.group_id,
            topic_id=place.topic_id,
            reply_to=answered,
            kind=kind,
            title=title,
            text=text,
        )
        Draft.objects.bulk_create([draft], ignore_conflicts=True)
    return True


def drop(place: DraftPlace) -> None:
    _at(place).delete()


def drafts_of(author: Profile) -> QuerySet[Draft]:
    """Newest first. `is_member` tells whether the author still takes part in the group; the words are theirs in any
    case. `shown_title` is that of the conversation."""
    joined = Group.objects.joined_by(author).filter(id=OuterRef("group"))
    drafts = Draft.objects.filter(author=author).select_related("group", "topic")
    return drafts.annotate(is_member=Exists(joined), shown_title=title_for(author, "topic"))


def _at(place: DraftPlace) -> QuerySet[Draft]:
    rows = Draft.objects.filter(author=place.author_id, group=place.group_id)
    return rows.filter(topic__isnull=True) if place.topic_id is None else rows.filter(topic=place.topic_id)
