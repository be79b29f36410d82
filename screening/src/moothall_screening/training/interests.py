"""Stated interests that admit nearly every post ("general discussion"), and such as do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from moothall_screening.labelled import Row

WIDE, NARROW = "wide-interests.txt", "narrow-interests.txt"
# The corpus's own interests are all narrow, and long: each stands here as it is and once more cut short.
_SHORT_TIMES = 2


@dataclass(frozen=True, slots=True)
class Interests:
    """What groups say they are for, or might."""

    wide: tuple[str, ...]
    narrow: tuple[str, ...]

    @staticmethod
    def of(corpus: Path, rows: Sequence[Row]) -> Interests:
        """Those listed in the corpus's folder, and those of the groups in its rows."""
        stated = sorted({row.candidate.group_purpose for row in rows if row.candidate.group_purpose})
        cut = [f"{each.split('.')[0]}." for each in stated]
        return Interests(_lines(corpus / WIDE), (*_lines(corpus / NARROW) * _SHORT_TIMES, *stated, *cut))


def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines())
