"""Who may read what a conversation is called: its title is its author's words."""

from __future__ import annotations

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from moothall.discussions.models import Post, Status
from moothall.groups.models import Group, Membership
from moothall.members.models import Profile

# To whom its title is not shown; and to all, where its author deleted the first post while it was not to be read.
UNTITLED = "Conversation without its first post"


def title_for(reader: Profile | None, topic: str, hidden: str = UNTITLED) -> Case:
    """The title as this person may read it, for a query; `topic` is the path to the conversation.

    Whoever commented before it was held or rejected still finds their own words there, and not its title. Of one that
    was deleted the group's last word is told, no later one.
    """
    readable = Group.objects.readable_by(reader).values("id")
    managed = Membership.objects.managers().filter(profile=reader, group__closed_at=None).values("group")
    ended_as_read = Exists(Post.objects.filter(topic=OuterRef(topic), is_first=True, status_before=Status.PUBLISHED))
    shown = Q(**{f"{topic}__author": reader})
    shown |= Q(**{f"{topic}__status": Status.PUBLISHED, f"{topic}__group__in": readable})
    shown |= Q(ended_as_read, **{f"{topic}__status": Status.DELETED, f"{topic}__group__in": readable})
    shown |= Q(**{f"{topic}__group__in": managed}) & ~Q(**{f"{topic}__status": Status.DELETED})
    return Case(When(shown, then=F(f"{topic}__title")), default=Value(hidden))
