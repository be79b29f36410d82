"""The lines of a post in which the words were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import Expression, Func, TextField, Value

# Marks between which PostgreSQL puts what was found: characters for private use, taken out of the text before.
_START, _STOP = "\ue000", "\ue001"
# Of Markdown, what is never part of a word.
_MARKUP = "*#`>"


@dataclass(frozen=True, slots=True)
class Part:
    """Plain text, to be escaped by whoever shows it."""

    text: str
    is_match: bool


def headline(text: Expression, tsquery: SearchQuery) -> SearchHeadline:
    clean = Func(text, Value(_START + _STOP + _MARKUP), Value(""), function="translate", output_field=TextField())
    return SearchHeadline(
        clean,
        tsquery,
        start_sel=_START,
        stop_sel=_STOP,
        max_fragments=2,
        max_words=24,
        min_words=8,
        fragment_delimiter=" … ",
    )


def parts(excerpt: str) -> Sequence[Part]:
    """The excerpt cut at the marks; those that do not pair are dropped."""
    found: list[Part] = []
    before, *matches = " ".join(excerpt.split()).split(_START)
    found.append(Part(before.replace(_STOP, ""), is_match=False))
    for piece in matches:
        match, _, after = piece.partition(_STOP)
        found += [Part(match, is_match=True), Part(after.replace(_STOP, ""), is_match=False)]
    return [part for part in found if part.text]
