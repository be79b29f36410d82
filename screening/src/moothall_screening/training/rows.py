"""Labelled rows to learn from: the corpus, and public sets of open licence."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moothall_screening.verdict import Candidate, Kind

OPEN_SETS = ("reddit_communities", "spamassassin_lists", "janitr_x_posts", "twisted")
_PROMOTIONS = {"promotion", "spam", "spam_or_scam"}


@dataclass(frozen=True, slots=True)
class Row:
    candidate: Candidate
    is_promotion: bool
    kind: Kind | None
    source: str
    group: str
    language: str = "und"
    is_masked: bool | None = None
    pair: str | None = None
    pitch: tuple[str, ...] | None = None


def read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as lines:
        for line in lines:
            yield json.loads(line)


def corpus_rows(path: Path) -> list[Row]:
    return [_corpus_row(raw) for raw in read_json_lines(path)]


def _corpus_row(raw: dict[str, Any]) -> Row:
    kind = Kind(raw["kind"])
    return Row(
        candidate=_candidate(raw),
        is_promotion=kind is Kind.PROMOTION,
        kind=kind,
        source="corpus",
        group=raw["group"],
        language=raw["lang"],
        is_masked=raw["masked"],
        pair=raw["pair"],
        pitch=None if raw["pitch"] is None else tuple(raw["pitch"]),
    )


def _candidate(raw: dict[str, Any]) -> Candidate:
    return Candidate(
        text=raw["text"] or "",
        subject=raw.get("subject") or "",
        parent=raw.get("parent"),
        group=raw.get("group"),
        group_purpose=raw.get("group_purpose"),
        id=raw.get("id"),
    )


def open_rows(folder: Path, source: str) -> list[Row]:
    """The training part of one openly licensed set, from a folder of the public sets."""
    if source == "twisted":
        raws = read_json_lines(folder / "mailing_list_topics" / "train.jsonl.gz")
        return [_open_row(raw, source) for raw in raws if "twisted" in (raw["group"] or "").lower()]
    raws = read_json_lines(folder / source / "train.jsonl.gz")
    if source == "reddit_communities":
        return [_open_row(raw, source) for raw in raws if raw["kind"] == "self" and len(raw["text"]) > 80]
    return [_open_row(raw, source) for raw in raws]


def _open_row(raw: dict[str, Any], source: str) -> Row:
    return Row(
        candidate=_candidate(raw),
        is_promotion=raw["label"] in _PROMOTIONS,
        kind=None,
        source=source,
        group=raw.get("group") or raw["id"],
    )
