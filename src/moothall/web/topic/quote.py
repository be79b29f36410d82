"""Quoting a post in a reply."""

from __future__ import annotations

from moothall.core.quoting import own_text
from moothall.discussions.models import Post, Source

QUOTE_MOST = 600


def quoted(post: Post) -> str:
    """The post's own words as a Markdown quote, less what it quotes itself; a long one is cut at a word."""
    text = own_text(post.text) if post.source == Source.IMPORT else _without_quotes(post.text)
    if len(text) > QUOTE_MOST:
        text = text[:QUOTE_MOST].rsplit(maxsplit=1)[0] + " …"
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines()) + "\n\n"


def added(text: str, quote: str) -> str:
    """The quote below what is written already, once."""
    if quote.strip() in text:
        return text
    return f"{text.rstrip()}\n\n{quote}" if text.strip() else quote


def _without_quotes(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith(">")).strip()
