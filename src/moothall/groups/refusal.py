"""Why nothing was done: an answer, not an error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """`field` names what it concerns, "" the whole; `message` says what to do."""

    message: str
    field: str = ""
