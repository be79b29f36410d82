"""What somebody has begun to write, for a new topic of a group or for a reply in a topic.

Usually it is one text. Where the same form is open in two windows of a browser, neither takes the place of what it has
not shown: each then has its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from moothall.core.clock import now
from moothall.core.text import clean, clean_line
from moothall.discussions.models import TITLE_LENGTH, Draft, Kind, Post
from moothall.discussions.titles import title_for
from moothall.groups.models import Group
from moothall.members.models import Profile

# Nobody writes in so many windows. Of more, the oldest goes.
MOST_AT_A_PLACE = 20


@dataclass(frozen=True, slots=True)
class DraftPlace:
    """Whose draft, and for where; `topic_id` is None for a new topic."""

    author_id: int
    group_id: int
    topic_id: int | None


@dataclass(frozen=True, slots=True)
class Window:
    """A form that is open in a browser; `seen_at` is when the draft was kept that it showed at first."""

    id: UUID | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Begun:
    """`reply_to_id` names the post of the same topic that it answers; any other is left out."""

    kind: Kind
    title: str
    text: str
    reply_to_id: int | None


def found_at(place: DraftPlace) -> Sequence[Draft]:
    """The last one kept comes first."""
    return list(_at(place))


def others_at(place: DraftPlace, window: Window) -> bool:
    """Whether another window has kept a text of its own there."""
    return _at(place).exclude(window=window.id).exists()


@transaction.atomic
def keep(place: DraftPlace, window: Window, begun: Begun) -> bool:
    """Puts the text in place of the one that this window kept or showed before. An empty text keeps nothing; then False
    is returned."""
    title, text = clean_line(begun.title)[:TITLE_LENGTH], clean(begun.text)
    if not title and not text:
        drop(place, window)
        return False
    own = _of(place, window).select_for_update(of=("self",)).first()
    draft = own or Draft(author_id=place.author_id, group_id=place.group_id, topic_id=place.topic_id)
    draft.kind, draft.title, draft.text, draft.window, draft.updated_at = begun.kind, title, text, window.id, now()
    draft.reply_to = Post.objects.filter(id=begun.reply_to_id or 0, topic=place.topic_id).first()
    if own is not None:
        own.save(update_fields=["kind", "title", "text", "window", "updated_at", "reply_to"])
        return True
    Draft.objects.bulk_create([draft], ignore_conflicts=True)
    Draft.objects.filter(id__in=_at(place).values_list("id", flat=True)[MOST_AT_A_PLACE:]).delete()
    return True


def drop(place: DraftPlace, window: Window) -> None:
    _of(place, window).delete()


def drafts_of(author: Profile) -> QuerySet[Draft]:
    """Newest first. `is_member` tells whether the author still takes part in the group; the words are theirs in any
    case. `shown_title` is that of the conversation."""
    joined = Group.objects.joined_by(author).filter(id=OuterRef("group"))
    drafts = Draft.objects.filter(author=author).select_related("group", "topic")
    return drafts.annotate(is_member=Exists(joined), shown_title=title_for(author, "topic"))


def _at(place: DraftPlace) -> QuerySet[Draft]:
    rows = Draft.objects.filter(author=place.author_id, group=place.group_id)
    return rows.filter(topic__isnull=True) if place.topic_id is None else rows.filter(topic=place.topic_id)


def _of(place: DraftPlace, window: Window) -> QuerySet[Draft]:
    """What this window kept, or showed and nobody has changed since."""
    kept = Q(window__isnull=True) if window.id is None else Q(window=window.id)
    return _at(place).filter(kept | Q(updated_at=window.seen_at) if window.seen_at else kept)
