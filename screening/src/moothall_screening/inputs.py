"""Candidates from files: JSON Lines, mbox or plain text."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from moothall_screening.mails import UnreadableMailError, begins_mbox, candidate_of_mail, mails
from moothall_screening.verdict import Candidate

_BYTE_ORDER_MARK = codecs.BOM_UTF8
_ARRAY = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{")
_TEXTS = ("subject", "parent", "group", "group_purpose", "id")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be read, 0 where none is known, and what to do about it; `file` where it came from one."""

    line: int
    error: str
    file: str = ""


def candidates(lines: Iterable[bytes]) -> Iterator[Candidate | BadLine]:
    """What the lines hold, by the look of the first one that is not blank."""
    waiting = iter(lines)
    head: list[bytes] = []
    for line in waiting:
        head.append(line)
        if line.strip():
            break
    first = head[-1].removeprefix(_BYTE_ORDER_MARK) if head else b""
    if first.lstrip(b" \t").startswith(b"{"):
        return _from_json_lines(chain(head, waiting))
    second = next(waiting, b"") if first.startswith(b"From ") else b""
    if begins_mbox(first, second):
        return _from_mbox(chain([*head[:-1], first, second], waiting))
    return _from_plain(chain(head, [second], waiting))


def _from_json_lines(lines: Iterable[bytes]) -> Iterator[Candidate | BadLine]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _from_json(line, number)


def _from_json(line: bytes, number: int) -> Candidate | BadLine:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return BadLine(number, "this line is not UTF-8: save the file as UTF-8")
    except (ValueError, RecursionError) as broken:
        return BadLine(number, f"this line is not JSON ({broken}): give one object a line")
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return BadLine(number, 'this line has no text: give an object with at least {"text": "…"}')
    fault = fault_beside_text(row)
    return candidate_of(row) if fault is None else BadLine(number, fault)


def fault_beside_text(row: dict[str, Any]) -> str | None:
    """What is wrong with the fields that may be missing, and what to do about it."""
    for name in _TEXTS:
        if not isinstance(row.get(name), str | int | None) or isinstance(row.get(name), bool):
            return f"{name} is not text: give a string or leave it out"
    rules = row.get("rules") or []
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        return "rules is not a list of strings: give [] or leave it out"
    return None


def candidate_of(row: dict[str, Any]) -> Candidate:
    """From an object whose `text` is a string or null; the rest may be missing or null."""
    named = {name: None if row.get(name) is None else str(row[name]) for name in _TEXTS}
    return Candidate(
        text=row["text"] or "",
        subject=named["subject"] or "",
        parent=named["parent"],
        group=named["group"],
        group_purpose=named["group_purpose"],
        rules=tuple(row.get("rules") or ()),
        id=named["id"],
    )


def _from_plain(lines: Iterable[bytes]) -> Iterator[Candidate | BadLine]:
    held = list(lines)
    if _looks_like_rows(held):  # and only its first line does not
        yield from _from_json_lines(held)
        return
    data = b"".join(held)
    if b"\0" in data or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield BadLine(1, "this is not text in UTF-8: give JSON Lines, mbox or plain text, unpacked and saved as UTF-8")
    elif _is_array_of_rows(data):
        yield BadLine(1, "this is one JSON array: give one object a line")
    elif data.strip():
        yield Candidate(data.decode("utf-8-sig", "replace"))


def _looks_like_rows(lines: Sequence[bytes]) -> bool:
    filled = [line for line in lines if line.strip()]
    rows = sum(line.lstrip().startswith(b'{"') and line.rstrip().endswith(b"}") for line in filled)
    return len(filled) > 1 and 2 * rows >= len(filled)


def _is_array_of_rows(data: bytes) -> bool:
    if _ARRAY.match(data) is None:
        return False
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return all(isinstance(each, dict) for each in found)


def _from_mbox(lines: Iterable[bytes]) -> Iterator[Candidate | BadLine]:
    for number, raw in mails(lines):
        try:
            yield candidate_of_mail(raw)
        except UnreadableMailError:
            yield BadLine(number, "the mail that begins here cannot be read: take it out, or give its text alone")
