"""What an import did: every message is either imported or skipped, and said why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Month:
    posts: int = 0
    adverts: int = 0


@dataclass(slots=True)
class ImportReport:
    """`messages` is always `imported` plus all of `skipped`; `troubles` counts mendable faults of imported ones,
    `not_shown` those that belong to a conversation which was rejected, or went with its author's account."""

    group: str
    imported: int = 0
    topics: int = 0
    members: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    not_shown: int = 0
    months: dict[str, Month] = field(default_factory=dict)

    @property
    def messages(self) -> int:
        return self.imported + self.skipped.total()

    @property
    def adverts(self) -> int:
        return sum(month.adverts for month in self.months.values())

    def count_month(self, name: str, *, is_advert: bool) -> None:
        month = self.months.setdefault(name, Month())
        month.posts += 1
        month.adverts += is_advert

    def as_json(self) -> dict[str, object]:
        return {
            "group": self.group,
            "messages": self.messages,
            "imported": self.imported,
            "topics": self.topics,
            "members": self.members,
            "skipped": dict(sorted((+self.skipped).items())),
            "troubles": dict(sorted((+self.troubles).items())),
            "not_shown": self.not_shown,
            "adverts": self.adverts,
            "months": {
                name: {"posts": month.posts, "adverts": month.adverts} for name, month in sorted(self.months.items())
            },
        }
