"""The rules as they stand."""

from __future__ import annotations

from django.db.models import Subquery

from moothall.groups.models import Group
from moothall.rules.models import Concern, Rule, RulesEdition


def current_edition(group: Group) -> RulesEdition | None:
    return RulesEdition.objects.filter(group=group).prefetch_related("rules").order_by("-number").first()


def current_rules(group: Group) -> list[Rule]:
    latest = RulesEdition.objects.filter(group=group).order_by("-number").values("id")[:1]
    return list(Rule.objects.filter(edition=Subquery(latest)))


def rule_for(group: Group, concern: Concern) -> Rule | None:
    """The first rule about it, for a decision to quote."""
    return next((rule for rule in current_rules(group) if rule.concern == concern), None)
