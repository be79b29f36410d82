"""Where posts stand, as addresses."""

from __future__ import annotations

from django.urls import reverse

from moothall.posting.submission import Outcome


def address_of(slug: str, outcome: Outcome) -> str:
    """The post on the page of its conversation that holds it."""
    return post_address(slug, outcome.topic_id or 0, outcome.post_id or 0)


def post_address(slug: str, topic_id: int, post_id: int) -> str:
    return f"{reverse('topic', args=[slug, topic_id])}?post={post_id}#p{post_id}"
