"""What changed from one edition to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from moothall.rules.models import Rule

# Two texts that share this much are one rule reworded. The ratio is difflib's: 2 x matches / characters of both.
SAME_RULE = 0.55


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """One rule's change; `before` is None for a new rule, `after` for one taken out."""

    kind: ChangeKind
    before: Rule | None
    after: Rule | None


def changes(before: Sequence[Rule], after: Sequence[Rule]) -> list[Change]:
    """In the order of the new rules, then what was taken out. A mere shift by a rule added above is no move."""
    pairs = _pairs(before, after)
    kept = [pair[0].number for rule in after if (pair := pairs.get(rule.number))]
    found: list[Change] = []
    for rule in after:
        pair = pairs.get(rule.number)
        if pair is None:
            found.append(Change(ChangeKind.ADDED, None, rule))
        elif (pair[0].text, pair[0].concern) != (rule.text, rule.concern):
            found.append(Change(ChangeKind.REWORDED, pair[0], rule))
        elif kept.index(pair[0].number) != sorted(kept).index(pair[0].number):
            found.append(Change(ChangeKind.MOVED, pair[0], rule))
    stayed = {pair[0].number for pair in pairs.values()}
    return found + [Change(ChangeKind.REMOVED, rule, None) for rule in before if rule.number not in stayed]


def _pairs(before: Sequence[Rule], after: Sequence[Rule]) -> dict[int, tuple[Rule, Rule]]:
    """Each new rule's number with the old rule that it is: the same text first, then the likest."""
    left = list(before)
    pairs: dict[int, tuple[Rule, Rule]] = {}
    for rule in after:
        same = next((old for old in left if old.text == rule.text), None)
        if same is not None:
            pairs[rule.number] = (same, rule)
            left.remove(same)
    for rule in after:
        if rule.number in pairs or not left:
            continue
        likest = max(left, key=lambda old: _likeness(old, rule))
        if _likeness(likest, rule) >= SAME_RULE:
            pairs[rule.number] = (likest, rule)
            left.remove(likest)
    return pairs


def _likeness(old: Rule, new: Rule) -> float:
    return SequenceMatcher(None, old.text.casefold(), new.text.casefold(), autojunk=False).ratio()
