from __future__ import annotations

from moothall.core.clock import now
from moothall.groups.models import Membership
from moothall.groups.refusal import Refusal
from moothall.rules.models import RulesEdition

CHANGED_MEANWHILE = Refusal("The rules have changed since you opened this page. Please read them again.", "accepts")
NOT_ACCEPTED = Refusal("Please read the rules and say that you will keep them.", "accepts")


def accepted_edition(edition: RulesEdition | None, *, says_yes: bool, seen_edition: int) -> int | Refusal:
    """The number to be written down as accepted; 0 where a group has no rules yet."""
    if edition is None:
        return 0
    if seen_edition != edition.number:
        return CHANGED_MEANWHILE
    return edition.number if says_yes else NOT_ACCEPTED


def accept(group_id: int, profile_id: int, edition: int) -> None:
    """Write down that a member has read the rules; never an older edition over a newer."""
    theirs = Membership.objects.active().filter(group_id=group_id, profile_id=profile_id, rules_edition__lt=edition)
    theirs.update(rules_edition=edition, rules_accepted_at=now())


def has_rules_to_read(membership: Membership, edition: RulesEdition | None) -> bool:
    """The rules have changed since this member accepted them."""
    return edition is not None and membership.rules_edition < edition.number
