"""What somebody typed into a form that is refused as a whole, so that it can be copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

# Fields of all forms in which people write sentences, with what they are called there.
LABELS = {
    "title": "Title",
    "text": "Text",
    "headline": "In one line",
    "knows": "What people may ask you about",
    "about": "About you",
    "purpose": "The shared interest",
    "join_question": "A question on joining",
    "answer": "Your answer",
    "note": "Your note",
    "banned_reason": "Why the group is closed to them",
}
SHORT = 200


@dataclass(frozen=True, slots=True)
class Typed:
    label: str
    words: str

    @property
    def rows(self) -> int:
        return 12 if len(self.words) > SHORT else 3


def typed(request: HttpRequest) -> Sequence[Typed]:
    """What is not empty; of a form with a field for each of several rules, a rule a line."""
    given = {name: "\n".join(filter(None, request.POST.getlist(name))) for name in LABELS}
    return [Typed(LABELS[name], words) for name, words in given.items() if words.strip()]
