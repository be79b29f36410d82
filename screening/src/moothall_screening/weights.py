"""The shipped weights: arrays in one npz file, everything else in one JSON file. Nothing is pickled."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from moothall_screening.acceptance import Welcome
from moothall_screening.fast import FastJudge, Head, Steps, Table, whole_table
from moothall_screening.verdict import Kind

PACKAGED = Path(__file__).parent / "data"
GENUINE = tuple(kind for kind in Kind if kind is not Kind.PROMOTION)

_ARRAYS = "fast.npz"
_FACTS = "fast.json"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was fitted beside the tables.

    A verdict's log-odds are `slope` times the judge's, plus `intercept`, plus the columns of the context times
    `context`; those of fit are `fit_intercept` plus the columns times `fit`, and `welcome` of them once posts were
    accepted. In a language outside `languages` only
    the share `other_language` of the wording counts.
    """

    version: str
    slope: float
    intercept: float
    context: tuple[float, ...]
    fit: tuple[float, ...]
    fit_intercept: float
    welcome: Welcome
    languages: tuple[str, ...]
    other_language: float


class NoWeightsError(ValueError):
    """A file that was not written by `save`, or was cut off since."""

    def __init__(self, path: Path) -> None:
        is_packaged = PACKAGED in path.parents
        todo = "install moothall-screening again" if is_packaged else "name a folder that `train` or `calibrate` wrote"
        super().__init__(f"{path} holds no weights: {todo}")


def save(folder: Path, judge: FastJudge, facts: Facts) -> None:
    heads: dict[str, npt.NDArray[np.generic]] = {
        "char_rarity": _quantised(whole_table(judge.char_rarity), 255),
        "word_rarity": _quantised(whole_table(judge.word_rarity), 255),
        "usual_form": judge.usual_form,
        "rarity_scale": np.array([whole_table(judge.char_rarity).max(), whole_table(judge.word_rarity).max()]),
    }
    for name, head in zip(("promotion", *GENUINE), (judge.promotion, *judge.kinds), strict=True):
        tables = whole_table(head.char), whole_table(head.word)
        for part, table in zip(("char", "word"), tables, strict=True):
            heads[f"{name}_{part}"] = _quantised(table, 127)
        scales = [head.bias, *(np.abs(table).max() for table in tables)]
        heads[f"{name}_form"] = np.concatenate((scales, head.form))
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / _ARRAYS, **heads)  # type: ignore[arg-type]
    (folder / _FACTS).write_text(json.dumps(asdict(facts), indent=1) + "\n", encoding="utf-8")


def load(folder: Path = PACKAGED) -> tuple[FastJudge, Facts]:
    try:
        facts = _facts(json.loads((folder / _FACTS).read_text(encoding="utf-8")))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NoWeightsError(folder / _FACTS) from error
    try:
        # numpy leaves a file open that it cannot read.
        with (folder / _ARRAYS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _judge(arrays), facts
    except (KeyError, TypeError, ValueError, EOFError, BadZipFile, zlib.error) as error:
        raise NoWeightsError(folder / _ARRAYS) from error


def _judge(arrays: Mapping[str, npt.NDArray[Any]]) -> FastJudge:
    top = arrays["rarity_scale"]
    return FastJudge(
        promotion=_head(arrays, "promotion"),
        kinds=[_head(arrays, kind) for kind in GENUINE],
        char_rarity=Steps(arrays["char_rarity"], np.float32(top[0] / 255)),
        word_rarity=Steps(arrays["word_rarity"], np.float32(top[1] / 255)),
        usual_form=arrays["usual_form"],
    )


def _facts(stored: dict[str, Any]) -> Facts:
    """Lists of JSON back to tuples."""
    values: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in stored.items()}
    return Facts(**values | {"welcome": Welcome(**stored["welcome"])})


def _quantised(table: Table, steps: int) -> npt.NDArray[np.generic]:
    top = float(np.abs(table).max()) or 1.0
    kind = np.uint8 if steps == 255 else np.int8
    quantised: npt.NDArray[np.generic] = np.rint(table * (steps / top)).astype(kind)
    return quantised


def _head(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Head:
    bias, char_top, word_top, *form = arrays[f"{name}_form"].tolist()
    return Head(
        bias,
        Steps(arrays[f"{name}_char"], np.float32(char_top / 127)),
        Steps(arrays[f"{name}_word"], np.float32(word_top / 127)),
        np.array(form),
    )
