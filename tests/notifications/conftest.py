from __future__ import annotations

from collections.abc import Iterator

import pytest

from moothall.discussions.models import Inbox, Post
from tests.smtp_sink import Sink, smtp_sink
from tests.world import World


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as found:
        yield found


@pytest.fixture
def world(world: World) -> World:
    """Mia's question and Mo's reply have passed the inbox's gate."""
    Post.objects.filter(id__in=[world.first.id, world.reply.id]).update(inbox=Inbox.OPEN)
    world.first.refresh_from_db()
    world.reply.refresh_from_db()
    return world
