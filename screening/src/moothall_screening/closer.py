"""The cascade's second step: what the fast judge leaves in doubt is read by the sentence model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from moothall_screening import stack, wording
from moothall_screening.sentence import SentenceJudge, SentenceModelMissing
from moothall_screening.stack import CloseReading, Stack
from moothall_screening.stretches import sentences
from moothall_screening.verdict import Candidate, Evidence

FOLDER = "sentence"
SOURCE = "close reading"
_AT_ONCE = 64
_MOST_PARTS = 3


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

    def evidence(self, candidate: Candidate, close: CloseReading, *, asked_why: bool) -> list[Evidence]:
        """What the close reading says, parted among the stretches that it marks.

        With `asked_why` each part's share is what the reading loses without its sentence, which takes up to
        three more readings; otherwise it is how long and how sure the stretches are.
        """
        added = self.stack.added(close)
        if added <= 0.0:
            return [Evidence(SOURCE, added, "read closely, it is a contribution")]
        parts = _parts(candidate, close)
        if not parts:
            return [Evidence(SOURCE, added, "read closely, it is an offer as a whole")]
        shares = [part.weight for part in parts]
        if asked_why and len(parts) > 1:
            without = self.read([part.left_out_of(candidate) for part in parts])
            lost = [max(0.0, added - self.stack.added(each)) for each in without]
            shares = lost if sum(lost) > 0.0 else shares
        return [
            Evidence(SOURCE, added * share / sum(shares), _told(candidate, *part.spans[0]), part.spans)
            for part, share in zip(parts, shares, strict=True)
            if share > 0.0
        ]


@dataclass(frozen=True, slots=True)
class _Part:
    """A sentence, or the subject, and the stretches in it that are marked; the subject's places are negative."""

    sentence: tuple[int, int]
    spans: tuple[tuple[int, int], ...]
    weight: float

    def left_out_of(self, candidate: Candidate) -> Candidate:
        start, end = self.sentence
        if start < 0:
            return replace(candidate, subject="")
        return replace(candidate, text=candidate.text[:start] + candidate.text[end:])


def _parts(candidate: Candidate, close: CloseReading) -> list[_Part]:
    """The sentences with the most marked characters, in the order of the text."""
    ahead = [(-len(candidate.subject) - 1, -1)] if candidate.subject else []
    parts = []
    for start, end in [*ahead, *sentences(candidate.text)]:
        inside = [(max(start, a), min(end, b), chance) for a, b, chance in close.pitch if a < end and start < b]
        # A stretch may begin with the blanks above its line, which end the sentence before; nobody can be shown these.
        inside = [(a, b, chance) for a, b, chance in inside if not _between(candidate, a, b).isspace()]
        if inside:
            weight = sum((b - a) * chance for a, b, chance in inside)
            parts.append(_Part((start, end), tuple((a, b) for a, b, _ in inside), weight))
    strongest = sorted(parts, key=lambda part: -part.weight)[:_MOST_PARTS]
    return sorted(strongest, key=lambda part: part.sentence)


def _between(candidate: Candidate, start: int, end: int) -> str:
    """A stretch of the text, or of the subject, whose places are negative."""
    return (
        candidate.text[start:end]
        if start >= 0
        else candidate.subject[start + len(candidate.subject) + 1 :][: end - start]
    )


def _told(candidate: Candidate, start: int, end: int) -> str:
    stretch = candidate.text[start:end] if start >= 0 else candidate.subject
    return wording.offering(stretch)
