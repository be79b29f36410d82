"""Real posts for fitting the stack: the dev parts of the open sets, which no judge learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from moothall_screening.labelled import Row, read_rows
from moothall_screening.training.held_out import is_held_out
from moothall_screening.training.insertion import usable_pitch, write_in

MAILS, COMMUNITIES = "spamassassin_lists", "reddit_communities"
_OF_EACH = 300
_SHORTEST, _LONGEST = 80, 4_000
_SEED = 2026


def real_places(folder: Path, corpus: Sequence[Row]) -> list[Row]:
    """List mail and list spam; posts of communities, and other posts of theirs with a pitch written in.

    The pitches are those of the corpus's held-out groups.
    """
    rng = Random(_SEED)  # noqa: S311
    pitches = [pitch for row in corpus if is_held_out(row.group) for pitch in row.pitch or () if usable_pitch(pitch)]
    posts = _some(folder / COMMUNITIES / "dev.jsonl.gz", 2 * _OF_EACH, rng)
    sold = [_with_pitch(row, rng.choice(pitches), rng) for row in posts[_OF_EACH:]] if pitches else []
    return _some(folder / MAILS / "dev.jsonl.gz", _OF_EACH, rng) + posts[:_OF_EACH] + sold


def _some(path: Path, count: int, rng: Random) -> list[Row]:
    rows = [row for row in read_rows(path) if _SHORTEST <= len(row.candidate.text) <= _LONGEST]
    return rng.sample(rows, min(count, len(rows)))


def _with_pitch(row: Row, pitch: str, rng: Random) -> Row:
    text = "".join(part.text for part in write_in(row.candidate.text, pitch, rng))
    return replace(row, candidate=replace(row.candidate, text=text), is_promotion=True)
