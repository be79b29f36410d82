"""What somebody typed into a search field of a list."""

from __future__ import annotations

from django.http import HttpRequest

MOST_CHARACTERS = 100


def asked_words(request: HttpRequest) -> str:
    """NUL is no character to PostgreSQL."""
    return " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:MOST_CHARACTERS]
