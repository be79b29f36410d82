"""Why nothing was done: an answer, not an error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """`field` names what it concerns, "" the whole; `message` says what to do."""

    message: str
    field: str = ""


def in_a_name(carried: str) -> str:
    """What to say when a group's name carries what `pitch_in` found."""
    return f"A group’s name stands in every list. Leave out {carried}: its interest can say more."
