"""The rules as they stand."""

from __future__ import annotations

from moothall.groups.models import Group
from moothall.rules.models import Concern, Rule, RulesEdition


def current_edition(group: Group) -> RulesEdition | None:
    return RulesEdition.objects.filter(group=group).prefetch_related("rules").order_by("-number").first()


# Written out, since on each page of a feed Django takes four times as long to put it together as to ask it.
_CURRENT = """
SELECT * FROM rules_rule
WHERE edition_id = (SELECT id FROM rules_rulesedition WHERE group_id = %s ORDER BY number DESC LIMIT 1)
ORDER BY number
"""


def current_rules(group: Group) -> list[Rule]:
    return list(Rule.objects.raw(_CURRENT, [group.id]))


def rule_for(group: Group, concern: Concern) -> Rule | None:
    """The first rule about it, for a decision to quote."""
    return next((rule for rule in current_rules(group) if rule.concern == concern), None)
