"""What a member should know at the next visit, on any page of the group: new rules, an offered group, requests."""

from __future__ import annotations

from typing import TypedDict

from django import template

from moothall.groups.access import Access
from moothall.groups.models import Group
from moothall.rules.accept import has_rules_to_read
from moothall.rules.models import RulesEdition

register = template.Library()


class Notices(TypedDict):
    group: Group
    has_rules_to_read: bool
    is_offered: bool
    asking_count: int


@register.inclusion_tag("manage/_notices.html")
def group_notices(access: Access) -> Notices:
    """One query for members, two for managers, none for others."""
    unread = False
    if access.is_member and access.membership is not None:
        unread = has_rules_to_read(access.membership, RulesEdition.objects.filter(group=access.group).first())
    offered_to = access.group.ownership_offered_to_id
    return {
        "group": access.group,
        "has_rules_to_read": unread,
        "asking_count": access.group.memberships.asking().count() if access.is_manager else 0,
        "is_offered": access.profile is not None and offered_to == access.profile.id,
    }
