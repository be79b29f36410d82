"""Texts for measurements: genuine English posts of the project's own corpus."""

from __future__ import annotations

import json
from pathlib import Path

CORPUS = Path(__file__).parent.parent / "corpus" / "train.jsonl"


def corpus_texts() -> list[tuple[str, str]]:
    """(title, text) of each."""
    with CORPUS.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        (" ".join(row["subject"].split()) or row["text"].split("\n")[0][:80], row["text"])
        for row in rows
        if row["kind"] != "promotion" and row["lang"] == "en"
    ]
