"""What one person may do in one group: asked once a request, then passed on as a value."""

from __future__ import annotations

from dataclasses import dataclass

from moothall.groups.models import Group, Membership, MembershipState, Role, Visibility
from moothall.members.models import Profile


@dataclass(frozen=True, slots=True)
class Access:
    group: Group
    profile: Profile | None
    membership: Membership | None

    @property
    def person(self) -> Profile:
        """Whoever acts, where only members get so far."""
        if self.profile is None:
            raise LookupError("nobody is logged in")
        return self.profile

    @property
    def is_closed(self) -> bool:
        return self.group.closed_at is not None

    @property
    def may_reopen(self) -> bool:
        return self.is_closed and self.membership is not None and self.membership.role == Role.OWNER

    @property
    def is_banned(self) -> bool:
        return self.membership is not None and self.membership.state == MembershipState.BANNED

    @property
    def is_member(self) -> bool:
        """Takes part. Nobody does in a closed group."""
        return not self.is_closed and self.membership is not None and self.membership.state == MembershipState.ACTIVE

    @property
    def is_pending(self) -> bool:
        return self.membership is not None and self.membership.state == MembershipState.PENDING

    @property
    def is_manager(self) -> bool:
        return self.is_member and self.membership is not None and self.membership.role != Role.MEMBER

    @property
    def is_owner(self) -> bool:
        return self.is_member and self.membership is not None and self.membership.role == Role.OWNER

    @property
    def has_standing(self) -> bool:
        return self.is_manager or (self.is_member and self.membership is not None and self.membership.has_standing)

    @property
    def may_find(self) -> bool:
        """May learn that the group exists, its interest and its rules."""
        if self.is_closed:
            return self.may_reopen
        if self.group.visibility != Visibility.PRIVATE:
            return True
        return self.membership is not None and self.membership.state != MembershipState.LEFT

    @property
    def may_read(self) -> bool:
        if self.is_closed or self.is_banned:
            return False
        return self.is_member or self.group.visibility == Visibility.PUBLIC

    @property
    def may_post(self) -> bool:
        return self.is_member


def access(group: Group, profile: Profile | None) -> Access:
    membership = None
    if profile is not None:
        membership = Membership.objects.filter(group=group, profile=profile).first()
    return Access(group=group, profile=profile, membership=membership)
