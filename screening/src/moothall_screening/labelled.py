"""Labelled posts: the corpus, public sets and a group's own decisions, in one shape."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from moothall_screening.inputs import candidate_of, fault_beside_text
from moothall_screening.verdict import Candidate, Kind

CORPUS = "corpus"
OPEN_SETS = ("janitr_x_posts",)
TRANSFER_SETS = ("datacamp_comments", "mailing_list_promo", "jigsaw_advertising", "janitr_x_posts")

_PROMOTIONS = {"promotion", "spam", "sale"}
_TRAINING_PROMOTIONS = _PROMOTIONS | {"spam_or_scam"}
_LEFT_OUT = {"spam_or_scam"}  # neither a group's post nor an advert to a group: not measured
# Everything else that the corpus and the public sets call a post.
_GENUINE = {
    *(set(Kind) - _PROMOTIONS), "not_promotion", "clean", "ham", "announcement", "kept", "removed", "on_topic",
    "off_topic", "legal_advice", "not_legal_advice", "self", "title",
}  # fmt: skip
_GZIP_MAGIC = b"\x1f\x8b"


class UnreadableRowError(ValueError):
    """A line that is no row of labelled posts, and what to do about it."""

    def __init__(self, path: Path, line: int, told: str) -> None:
        super().__init__(f"{path}, line {line}: {told}")


class NothingLabelledError(ValueError):
    """Not one row that anybody could judge."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} holds no labelled post: give JSON Lines with a text and a kind or a label each")


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
    way: str | None = None

    @property
    def version_of(self) -> str:
        """Alike for all versions of one post: a contrast set's name, or the post's own."""
        return self.pair or self.candidate.text


def read_rows(path: Path) -> list[Row]:
    """Rows to be measured, at least one; those that nobody could judge are left out."""
    found = [row for line, raw in _numbered(path) if (row := _row(raw, path, line)) is not None]
    if not found:
        raise NothingLabelledError(path)
    return found


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
    return (row for _, row in _numbered(path))


def _numbered(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each object and the number of its line, from a file that is plain or gzipped."""
    with path.open("rb") as file:
        lines = gzip.GzipFile(fileobj=file) if file.peek(2).startswith(_GZIP_MAGIC) else file
        for number in count(1):
            try:
                line = lines.readline()
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise UnreadableRowError(path, number, "the compressed file breaks off here") from error
            if not line:
                return
            if line.strip():
                yield number, _read(line, path, number)


def _read(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableRowError(path, number, "not UTF-8: save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableRowError(path, number, f"not JSON ({error}): give one object a line") from error
    if not isinstance(row, dict):
        raise UnreadableRowError(path, number, "no object: give each row a text and a kind or a label")
    return row


def _row(raw: dict[str, Any], path: Path, line: int) -> Row | None:
    if fault := _fault(raw):
        raise UnreadableRowError(path, line, fault)
    said = raw["kind"] if "kind" in raw else raw["label"]
    if said is None or said in _LEFT_OUT:
        return None
    pitch = raw.get("pitch")
    return Row(
        candidate=candidate_of(raw | {"text": raw["text"] or ""}),
        is_promotion=said in _PROMOTIONS,
        kind=Kind(said) if said in set(Kind) else None,
        source=raw.get("source") or CORPUS,
        group=str(raw.get("group") or raw.get("id") or line),
        language=raw.get("lang") or "",
        is_masked=raw.get("masked"),
        pair=raw.get("pair"),
        pitch=None if pitch is None else tuple(pitch),
        way=raw.get("way"),
    )


def _fault(raw: dict[str, Any]) -> str | None:
    """What is wrong with a row, and what to do about it."""
    if "text" not in raw or not ("kind" in raw or "label" in raw):
        return "give each row a text and a kind or a label"
    if not isinstance(raw["text"], str | None):
        return "text is not text: give a string"
    said = raw["kind"] if "kind" in raw else raw["label"]
    if said is not None and not (isinstance(said, str) and said in _PROMOTIONS | _LEFT_OUT | _GENUINE):
        return f"{said!r} is no label: give one of {', '.join(Kind)}, or not_promotion"
    for name in ("source", "lang", "pair", "way"):
        if not isinstance(raw.get(name), str | None):
            return f"{name} is not text: give a string or leave it out"
    if not isinstance(raw.get("masked"), bool | None):
        return "masked is neither true nor false: give one of them or leave it out"
    pitch = raw.get("pitch")
    if pitch is not None and not (isinstance(pitch, list) and all(isinstance(part, str) for part in pitch)):
        return "pitch is not a list of strings: give the sentences that sell or leave it out"
    return fault_beside_text(raw)
