"""Labelled posts: the corpus, public sets and a group's own decisions, in one shape."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moothall_screening.inputs import candidate_of
from moothall_screening.verdict import Candidate, Kind

CORPUS = "corpus"
OPEN_SETS = ("janitr_x_posts",)
TRANSFER_SETS = ("datacamp_comments", "mailing_list_promo", "jigsaw_advertising", "janitr_x_posts")

_PROMOTIONS = {"promotion", "spam", "sale"}
_TRAINING_PROMOTIONS = _PROMOTIONS | {"spam_or_scam"}
_LEFT_OUT = {"spam_or_scam"}  # neither a group's post nor an advert to a group: not measured


class UnlabelledError(ValueError):
    """A row that says neither what kind of post it is nor how it was labelled."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"{path}, line {line}: give each row a text and a kind or a label")


@dataclass(frozen=True, slots=True)
class Row:
    candidate: Candidate
    is_promotion: bool
    kind: Kind | None
    source: str
    group: str
    language: str = ""
    is_masked: bool | None = None
    pair: str | None = None
    pitch: tuple[str, ...] | None = None


def read_rows(path: Path) -> list[Row]:
    """Rows to be measured; those that nobody could judge are left out."""
    found = (_row(raw, path, line) for line, raw in enumerate(read_json_lines(path), start=1))
    return [row for row in found if row is not None]


def read_set(folder: Path) -> list[Row]:
    """Both parts of a public set."""
    return [row for part in ("train", "dev") for row in read_rows(folder / f"{part}.jsonl.gz")]


def read_open_set(folder: Path, name: str) -> list[Row]:
    """The training part of an openly licensed set, scams among its promotions."""
    return [
        Row(
            candidate=candidate_of(raw),
            is_promotion=raw["label"] in _TRAINING_PROMOTIONS,
            kind=None,
            source=name,
            group=raw.get("group") or raw["id"],
        )
        for raw in read_json_lines(folder / name / "train.jsonl.gz")
    ]


def read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _row(raw: dict[str, Any], path: Path, line: int) -> Row | None:
    if not isinstance(raw, dict) or "text" not in raw or not ("kind" in raw or "label" in raw):
        raise UnlabelledError(path, line)
    said = raw["kind"] if "kind" in raw else raw["label"]
    if said is None or said in _LEFT_OUT:
        return None
    pitch = raw.get("pitch")
    return Row(
        candidate=candidate_of(raw | {"text": raw["text"] or ""}),
        is_promotion=said in _PROMOTIONS,
        kind=Kind(said) if said in set(Kind) else None,
        source=raw.get("source") or CORPUS,
        group=raw.get("group") or raw.get("id") or str(line),
        language=raw.get("lang") or "",
        is_masked=raw.get("masked"),
        pair=raw.get("pair"),
        pitch=None if pitch is None else tuple(pitch),
    )
