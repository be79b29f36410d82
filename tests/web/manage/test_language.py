"""A group is given another language."""

from __future__ import annotations

import pytest

from moothall.search.find import Query, find
from moothall.search.index import index_posts
from moothall.search.tasks import BATCH
from tests.browsers import as_
from tests.queue import work_off
from tests.web.manage.test_joining_pages import address
from tests.web.manage.test_review_pages import settings_of
from tests.world import build_world, new_reply


@pytest.mark.django_db(transaction=True)
def test_what_was_said_before_is_found_in_the_new_language() -> None:
    world = build_world()
    index_posts([new_reply(world.topic, world.mo, "Die Häuser sind alt.") for _ in range(BATCH + 1)])
    assert find(Query("Haus"), world.mia, "").count == 0
    as_(world.mo).post(address("group_settings", world), settings_of(world, search_config="german"))
    work_off()
    hits = find(Query("Haus"), world.mia, "").hits
    assert [hit.further for hit in hits] == [BATCH]
