"""A task that a worker's task defers is there when, and only when, the rest of its transaction is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.queue import work_off

FIRST, SECOND, NEVER = "tests.first", "tests.second", "tests.never"
Register = Callable[[Callable[[], None]], None]


@pytest.fixture
def run(transactional_db: None) -> Iterator[Register]:
    """Has a real worker do it as its task."""

    def by_a_worker(first: Callable[[], None]) -> None:
        app.task(name=FIRST)(first).defer()
        work_off()

    yield by_a_worker
    for name in (FIRST, SECOND):
        app.tasks.pop(name, None)


def test_what_a_task_defers_is_gone_with_its_transaction(run: Register) -> None:
    def first() -> None:
        with transaction.atomic():
            app.configure_task(NEVER).defer()
            transaction.set_rollback(True)

    run(first)
    assert not ProcrastinateJob.objects.filter(task_name=NEVER).exists()


def test_what_a_task_defers_is_seen_by_others_with_its_transaction(run: Register) -> None:
    seen = []
    app.task(name=SECOND)(lambda: seen.append("done"))

    def first() -> None:
        with transaction.atomic():
            app.configure_task(SECOND).batch_defer({}, {})
            seen.append("deferred")

    run(first)
    assert seen == ["deferred", "done", "done"]
