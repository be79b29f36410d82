"""The tables of `moothall_screening.language`, from the model that the package py3langid ships.

python -m moothall_screening.training.language writes them. Its automaton of 100,000 states is taken apart into the
n-grams that it knows; a state is the longest of them that ends where the text was read to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from py3langid import langid
from py3langid.modelio import load_model

from moothall_screening.language import FACTS, FOLDER, GRAMS, LONGEST, NO_WEIGHTS, WEIGHTS

_BYTES = 256
_STEPS = 255
_ROOT = 0


@dataclass(frozen=True, slots=True)
class Automaton:
    """`follows` has a row of next states for each distinct state, `row` says which; -1 in `told` is nothing."""

    follows: npt.NDArray[np.uint32]
    row: npt.NDArray[np.uint16]
    told: npt.NDArray[np.int64]

    def grams(self) -> Iterator[tuple[bytes, int]]:
        """What is read on the shortest way to each state, with what the state tells."""
        seen = np.zeros(len(self.row), dtype=np.bool_)
        seen[_ROOT] = True
        reached: dict[int, bytes] = {_ROOT: b""}
        while reached:
            further: dict[int, bytes] = {}
            for state, gram in reached.items():
                follows = self.follows[self.row[state]]
                for byte in np.flatnonzero(~seen[follows]).tolist():
                    following = int(follows[byte])
                    if not seen[following]:
                        seen[following] = True
                        further[following] = gram + bytes([byte])
            yield from ((gram, int(self.told[state])) for state, gram in reached.items())
            reached = further


def write(folder: Path = FOLDER) -> None:
    """Writes n-grams, weights and labels into the folder.

    Rows that English uses most stand first, so that where most posts are English few pages of the file are read.
    """
    by_gram, prior, labels, follows, row, told = load_model(langid.MODEL_DIR / langid.MODEL_FILE)
    spread = by_gram.astype(np.float32)
    order = np.argsort(-spread[:, labels.index("en")], kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    table = np.frombuffer(follows, dtype=f"u{follows.itemsize}").reshape(-1, _BYTES)
    automaton = Automaton(table, np.frombuffer(row, dtype=f"u{row.itemsize}"), np.array(told))
    # What a row adds to all languages alike makes no difference between them.
    spread -= spread.min(axis=1, keepdims=True)
    step = float(spread.max()) / _STEPS
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / WEIGHTS, np.rint(spread[order] / step).astype(np.uint8))
    _write_grams(folder, automaton, place)
    facts = {"step": step, "labels": labels, "prior": prior.tolist()}
    (folder / FACTS).write_text(json.dumps(facts) + "\n", encoding="utf-8")


def _write_grams(folder: Path, automaton: Automaton, place: npt.NDArray[np.int64]) -> None:
    backwards = sorted((gram[::-1], told) for gram, told in automaton.grams())
    places = {gram: at for at, (gram, _) in enumerate(backwards)}
    arrays = {
        "keys": np.array([_key(gram) for gram in places], dtype=np.uint64),
        "rows": np.array([place[told] if told >= 0 else NO_WEIGHTS for _, told in backwards], dtype=np.int32),
        "shorter": np.array([_shorter(gram, places) for gram in places], dtype=np.int32),
    }
    np.savez_compressed(folder / GRAMS, **arrays)  # type: ignore[arg-type]


def _key(backwards: bytes) -> int:
    return int.from_bytes(backwards.ljust(LONGEST, b"\0"), "big") << 16 | len(backwards)


def _shorter(backwards: bytes, places: Mapping[bytes, int]) -> int:
    return next((places[start] for end in range(len(backwards) - 1, 0, -1) if (start := backwards[:end]) in places), 0)


if __name__ == "__main__":
    write()
