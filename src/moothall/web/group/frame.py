"""What every page of a group carries above it: its name, its interest, and tabs with their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from moothall.discussions.feed import FeedCounts, feed_counts
from moothall.discussions.models import Lane
from moothall.groups.access import Access
from moothall.groups.models import Group, Membership


@dataclass(frozen=True)
class Frame:
    """Numbers are None where the reader may not see what is counted."""

    access: Access
    counts: FeedCounts | None

    @cached_property
    def members(self) -> int:
        """Counted where it is shown: most who read a public group are no members, and see the number on one page."""
        return self.access.group.memberships.active().count()

    @property
    def discussions(self) -> int | None:
        return self.counts.lanes[Lane.DISCUSSIONS] if self.counts else None

    @property
    def promotions(self) -> int | None:
        return self.counts.lanes[Lane.PROMOTIONS] if self.counts else None

    @property
    def jobs(self) -> int | None:
        return self.counts.lanes[Lane.JOBS] if self.counts else None


def frame(there: Access, counts: FeedCounts | None = None) -> Frame:
    """`counts` where the page has them already."""
    if counts is None and there.may_read:
        counts = feed_counts(there.group)
    return Frame(there, counts)


def managers(group: Group) -> list[Membership]:
    """The owner, then the moderators in the order in which they came."""
    found = group.memberships.managers()
    # "owner" comes after "moderator" in the alphabet.
    return list(found.select_related("profile").order_by("-role", "joined_at"))
