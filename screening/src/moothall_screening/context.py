"""What surrounds a post: the post it answers and the group it was written in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from moothall_screening.fast import FastJudge, Reading, in_chunks
from moothall_screening.features import Floats
from moothall_screening.likeness import shared
from moothall_screening.verdict import Candidate

NAMES = ("is_answer", "answer_words", "answer_letters", "purpose_words", "purpose_letters")


def purpose_of(candidate: Candidate) -> str:
    return " ".join((candidate.group or "", candidate.group_purpose or "", *candidate.rules)).strip()


def parent_of(candidate: Candidate) -> str:
    """Blanks alone are none, as for a purpose."""
    return candidate.parent if candidate.parent and not candidate.parent.isspace() else ""


def context(judge: FastJudge, reading: Reading, candidates: Sequence[Candidate]) -> Floats:
    """One row a candidate, one column a name; nothing given gives noughts."""
    columns = np.zeros((len(candidates), len(NAMES)))
    parents = [parent_of(candidate) for candidate in candidates]
    purposes = [purpose_of(candidate) for candidate in candidates]
    if distinct := _distinct(parents):
        for chunk in in_chunks(distinct):  # many short answers may answer long posts
            _liken(reading, parents, chunk, judge.read(chunk), columns[:, 1:3])
    if distinct := _distinct(purposes):
        _liken(reading, purposes, distinct, _purposes(judge, distinct), columns[:, 3:5])
    columns[:, 0] = [bool(parent) for parent in parents]
    return columns


def _distinct(others: Sequence[str]) -> tuple[str, ...]:
    """Equal texts are read once."""
    return tuple(sorted(set(others) - {""}))


@lru_cache(maxsize=32)
def _purposes(judge: FastJudge, purposes: tuple[str, ...]) -> Reading:
    """A group's is the same from post to post."""
    return judge.read(purposes)


def _liken(reading: Reading, others: Sequence[str], distinct: Sequence[str], read: Reading, columns: Floats) -> None:
    """Fills the likeness of words and of letters to some distinct ones of the others, once `read`."""
    places = {other: place for place, other in enumerate(distinct)}
    for row, other in enumerate(others):
        if other in places:
            columns[row, 0] = shared(reading.word, row, read.word, places[other])
            columns[row, 1] = shared(reading.char, row, read.char, places[other])
