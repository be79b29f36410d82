"""What changed between two versions of a text, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# Comparing takes time with the square of the number of parts: longer texts are compared by lines, the longest whole.
PARTS_MOST = 2000

_WORDS = re.compile(r"\s+|\w+|[^\w\s]+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


class ChangeKind(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    kind: ChangeKind
    text: str


def changes(before: str, after: str) -> list[Change]:
    """Removed and added pieces in order. Those not added give `before`, those not removed give `after`."""
    for pattern in (_WORDS, _LINES):
        old, new = pattern.findall(before), pattern.findall(after)
        if len(old) <= PARTS_MOST and len(new) <= PARTS_MOST:
            return _compared(old, new)
    return _compared([before], [after])


def _compared(old: list[str], new: list[str]) -> list[Change]:
    found: list[Change] = []
    for same, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        removed, added = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if same == "equal":
            found.append(Change(ChangeKind.SAME, removed))
            continue
        found += [Change(ChangeKind.REMOVED, removed)] if removed else []
        found += [Change(ChangeKind.ADDED, added)] if added else []
    return found
