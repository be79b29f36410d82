from __future__ import annotations

from collections.abc import Iterator

import pytest

from moothall.discussions.models import Inbox, Post
from tests.smtp_sink import Sink, smtp_sink
from tests.world import World, build_world


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as found:
        yield found


@pytest.fixture
def world(db: None) -> World:
    """Mia's question and Mo's reply have passed the inbox's gate."""
    found = build_world()
    Post.objects.filter(id__in=[found.first.id, found.reply.id]).update(inbox=Inbox.OPEN)
    found.first.refresh_from_db()
    found.reply.refresh_from_db()
    return found
