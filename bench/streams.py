"""Posts of lists in their order, and adverts: texts on which the judge was not trained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from moothall.core.mbox import iterate_mbox
from moothall.core.mime import parse_message
from moothall.inbound.trimming import trim

CORPUS = Path(__file__).parent.parent / "corpus" / "dev.jsonl"
AUTHORS = 90


@dataclass(frozen=True, slots=True)
class Said:
    """`answers` is the id of what it answers, "" for a new conversation."""

    id: str
    author: str
    title: str
    text: str
    answers: str = ""


def list_stream(archive: Path, most: int) -> list[Said]:
    """The own words of each mail, without what it quotes; those that have none are left out."""
    found: list[Said] = []
    for raw in iterate_mbox(archive):
        mail = parse_message(raw.data)
        own = trim(mail.text).text
        if own and mail.message_id and mail.from_address:
            found.append(Said(mail.message_id, mail.from_address, mail.subject, own, mail.in_reply_to or ""))
        if len(found) == most:
            break
    return found


def corpus_stream(most: int) -> list[Said]:
    """Rows that answer something in their group come as answers to the row before."""
    found: list[Said] = []
    for place, row in enumerate(islice(_rows(is_advert=False), most)):
        answers = found[-1].id if found and row["parent"] else ""
        found.append(Said(row["id"], f"m{place % AUTHORS}@list.example", row["subject"], row["text"], answers))
    return found


def adverts() -> Sequence[Said]:
    rows = _rows(is_advert=True)
    return [Said(row["id"], "", row["subject"], row["text"]) for row in rows]


def _rows(*, is_advert: bool) -> list[dict[str, str]]:
    with CORPUS.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row for row in rows if row["lang"] == "en" and (row["kind"] == "promotion") == is_advert]
