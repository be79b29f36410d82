"""What readers found real posts of the open sets to be: `readings.jsonl` of the corpus, which holds no word of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moothall_screening.verdict import Kind

READINGS = "readings.jsonl"


@dataclass(frozen=True, slots=True)
class ReaderNote:
    """One reader's answer. `is_sure` says that another would hardly differ; `pitch` are (start, end) in the text."""

    kind: Kind
    is_sure: bool
    pitch: tuple[tuple[int, int], ...] = ()

    @property
    def is_disputed_offer(self) -> bool:
        """Neither an offer nor a contribution for certain: nothing to learn from."""
        return self.kind is Kind.PROMOTION and not self.is_sure


Readings = Mapping[str, ReaderNote]
NONE: Readings = {}


def read_readings(corpus: Path) -> Readings:
    """The readings of the corpus's folder, by the posts' ids; none where it has no such file."""
    path = corpus / READINGS
    if not path.exists():
        return NONE
    with path.open(encoding="utf-8") as lines:
        return {str(row["id"]): _note(row) for row in map(json.loads, lines)}


def _note(row: dict[str, object]) -> ReaderNote:
    pitch = row.get("pitch")
    spans = tuple((int(start), int(end)) for start, end in pitch) if isinstance(pitch, list) else ()
    return ReaderNote(Kind(str(row["kind"])), bool(row["sure"]), spans)
