from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from moothall.core.clock import now
from moothall.groups.models import Group
from moothall.moderation.models import ReviewItem
from moothall.web.manage.waiting import clock
from tests.browsers import as_
from tests.world import World

pytestmark = pytest.mark.django_db


def test_while_a_group_is_closed_the_managers_clock_stands_still(world: World) -> None:
    closed_at = now() - timedelta(days=20)
    opened_at = closed_at - timedelta(hours=3)
    ReviewItem.objects.create(
        group=world.group, post=world.held, opened_at=opened_at, due_at=opened_at + timedelta(hours=12)
    )
    Group.objects.filter(id=world.group.id).update(closed_at=closed_at)
    as_(world.olga).post(reverse("group_reopen", args=[world.group.slug]))
    found = clock(ReviewItem.objects.get(), now())
    assert found is not None
    assert (found.waited, found.promised, found.is_late) == ("3\u00a0h", "12\u00a0h", False)
