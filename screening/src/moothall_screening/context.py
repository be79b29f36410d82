"""What surrounds a post: the post it answers and the group it was written in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from moothall_screening.fast import FastJudge, Reading
from moothall_screening.features import Floats
from moothall_screening.likeness import shared
from moothall_screening.verdict import Candidate

NAMES = ("is_answer", "answer_words", "answer_letters", "purpose_words", "purpose_letters")


def purpose_of(candidate: Candidate) -> str:
    return " ".join((candidate.group or "", candidate.group_purpose or "", *candidate.rules)).strip()


def context(judge: FastJudge, reading: Reading, candidates: Sequence[Candidate]) -> Floats:
    """One row a candidate, one column a name; nothing given gives noughts."""
    columns = np.zeros((len(candidates), len(NAMES)))
    parents = [candidate.parent or "" for candidate in candidates]
    _liken(judge, reading, parents, columns[:, 1:3])
    _liken(judge, reading, [purpose_of(candidate) for candidate in candidates], columns[:, 3:5])
    columns[:, 0] = [bool(parent) for parent in parents]
    return columns


def _liken(judge: FastJudge, reading: Reading, others: list[str], columns: Floats) -> None:
    """Fills the likeness of words and of letters; equal texts are read once."""
    distinct = sorted(set(others) - {""})
    if not distinct:
        return
    places = {other: place for place, other in enumerate(distinct)}
    read = judge.read(distinct)
    for row, other in enumerate(others):
        if other:
            columns[row, 0] = shared(reading.word, row, read.word, places[other])
            columns[row, 1] = shared(reading.char, row, read.char, places[other])
