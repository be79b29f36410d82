"""The cascade's second step: what the fast judge leaves in doubt is read by the sentence model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from moothall_screening import stack, wording
from moothall_screening.sentence import SentenceJudge, SentenceModelMissing
from moothall_screening.stack import CloseReading, Stack
from moothall_screening.verdict import Candidate, Evidence

FOLDER = "sentence"
SOURCE = "close reading"
_AT_ONCE = 64
_MOST_STRETCHES = 3


@dataclass(frozen=True, slots=True)
class Closer:
    """The sentence model and how much it counts; threads may share one."""

    judge: SentenceJudge
    stack: Stack

    @staticmethod
    def in_folder(folder: Path) -> Closer | None:
        """None where the folder holds none, or what it runs on is not installed."""
        if not (folder / stack.FILE).exists():
            return None
        try:
            return Closer(SentenceJudge(folder / FOLDER), stack.load(folder))
        except SentenceModelMissing:
            return None

    def read(self, candidates: Sequence[Candidate]) -> list[CloseReading]:
        found: list[CloseReading] = []
        for first in range(0, len(candidates), _AT_ONCE):
            reading = self.judge.read(candidates[first : first + _AT_ONCE])
            found.extend(CloseReading.of(reading, place) for place in range(len(reading.promotion)))
        return found

    def evidence(self, candidate: Candidate, close: CloseReading) -> list[Evidence]:
        """What the close reading says, parted among the stretches that it marks."""
        added = self.stack.added(close)
        if added <= 0.0:
            return [Evidence(SOURCE, added, "read closely, it is a contribution")]
        marked = sorted(close.pitch, key=lambda span: span[0] - span[1])[:_MOST_STRETCHES]
        if not marked:
            return [Evidence(SOURCE, added, "read closely, it is an offer as a whole")]
        weights = [(end - start) * chance for start, end, chance in marked]
        return [
            Evidence(SOURCE, added * weight / sum(weights), _told(candidate, start, end), ((start, end),))
            for (start, end, _), weight in zip(marked, weights, strict=True)
        ]


def _told(candidate: Candidate, start: int, end: int) -> str:
    stretch = candidate.text[start:end] if start >= 0 else candidate.subject
    return wording.offering(stretch)
