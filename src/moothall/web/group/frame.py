"""What every page of a group carries above it: its name, its interest, and tabs with their numbers."""

from __future__ import annotations

from dataclasses import dataclass

from moothall.discussions.feed import FeedCounts, feed_counts
from moothall.discussions.models import Lane
from moothall.groups.access import Access
from moothall.groups.models import Group, Membership, MembershipState, Role


@dataclass(frozen=True, slots=True)
class Frame:
    """Numbers are None where the reader may not see what is counted."""

    access: Access
    counts: FeedCounts | None
    members: int

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
    members = there.group.memberships.filter(state=MembershipState.ACTIVE).count()
    return Frame(there, counts, members)


def managers(group: Group) -> list[Membership]:
    """The owner, then the moderators in the order in which they came."""
    found = group.memberships.filter(state=MembershipState.ACTIVE).exclude(role=Role.MEMBER)
    # "owner" comes after "moderator" in the alphabet.
    return list(found.select_related("profile").order_by("-role", "joined_at"))
