from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from moothall.groups.authority import NOT_A_MANAGER, is_manager, lock
from moothall.groups.refusal import Refusal
from moothall.rules.current import current_edition
from moothall.rules.models import Concern, Rule, RulesEdition

MOST_RULES = 30
TEXT_LENGTH = 400
CHANGED_MEANWHILE = Refusal(
    "Somebody else has changed the rules while you wrote. Yours are kept below: compare, then save again."
)


@dataclass(frozen=True, slots=True)
class DraftRule:
    text: str
    concern: Concern = Concern.OTHER


def publish(group_id: int, drafts: Sequence[DraftRule], *, by_id: int, seen_edition: int) -> RulesEdition | Refusal:
    """A new edition, unless these rules stand now. `seen_edition` is the one that the editor began from (0: none)."""
    wanted = [DraftRule(draft.text.strip(), draft.concern) for draft in drafts if draft.text.strip()]
    if len(wanted) > MOST_RULES:
        return Refusal(f"{MOST_RULES} rules are the most that a group can have; nobody reads more.")
    too_long = next((n for n, draft in enumerate(drafts, start=1) if len(draft.text.strip()) > TEXT_LENGTH), None)
    if too_long:
        return Refusal(f"Rule {too_long} is longer than {TEXT_LENGTH} characters. Make it two.", f"text-{too_long}")
    with transaction.atomic():
        group = lock(group_id)
        if not is_manager(group, by_id):
            return NOT_A_MANAGER
        last = current_edition(group)
        if last is not None and [DraftRule(r.text, Concern(r.concern)) for r in last.rules.all()] == wanted:
            return last
        if (last.number if last else 0) != seen_edition:
            return CHANGED_MEANWHILE
        edition = RulesEdition.objects.create(group=group, number=seen_edition + 1, published_by_id=by_id)
        Rule.objects.bulk_create(
            Rule(edition=edition, number=number, text=draft.text, concern=draft.concern)
            for number, draft in enumerate(wanted, start=1)
        )
    return edition
