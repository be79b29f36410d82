"""What every page of a group carries above it: its name, its interest, and tabs with their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from moothall.discussions.feed import FeedCounts, feed_counts
from moothall.discussions.models import Lane
from moothall.groups.access import Access
from moothall.groups.models import Group, MembershipState, Role
from moothall.members.models import Profile


@dataclass(frozen=True)
class Frame:
    """Numbers are None where the reader may not see what is counted."""

    access: Access
    counts: FeedCounts | None

    @cached_property
    def members(self) -> int:
        """Counted where it is shown: most who read a public group are no members, and see the number on one page."""
        return self.access.group.memberships.filter(state=MembershipState.ACTIVE).count()

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


@dataclass(frozen=True, slots=True)
class Manager:
    profile: Profile
    role: Role


# Written out, since on each page of a feed Django takes four times as long to put it together as to ask it.
# "owner" comes after "moderator" in the alphabet.
_MANAGERS = """
SELECT p.id, p.handle, p.name, p.headline, m.role
FROM groups_membership m JOIN members_profile p ON p.id = m.profile_id
WHERE m.group_id = %s AND m.state = 'active' AND m.role <> 'member'
ORDER BY m.role DESC, m.joined_at
"""


def managers(group: Group) -> list[Manager]:
    """The owner, then the moderators in the order in which they came."""
    with connection.cursor() as cursor:
        cursor.execute(_MANAGERS, [group.id])
        return [
            Manager(Profile(id=profile, handle=handle, name=name, headline=headline), Role(role))
            for profile, handle, name, headline, role in cursor.fetchall()
        ]
