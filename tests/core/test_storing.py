"""Rows written by COPY are the rows that INSERT writes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError, transaction

from moothall.core.storing import FEW, store
from moothall.judging.models import Screening
from tests.world import World, build_world

AT = datetime(2009, 3, 2, 9, 30, 0, 250_000, tzinfo=UTC)
HARD = 'a\ttab, a\nline, \\N, \\., {"quotes"}, ‘é’ and \U0001f600'


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def screening(world: World, number: int) -> Screening:
    return Screening(
        post=world.first,
        group=world.group,
        model_version=f"test-{number}",
        promotion=number / 1000,
        fit=1 / 3,
        kind="question",
        kinds={"question": 0.25, HARD: None},
        language="en",
        evidence=[{"reason": HARD, "spans": [[1, 2]]}],
        duplicate_keys=[number, 2**63 - 1, -1] if number % 2 else [],
        screened_at=AT,
    )


def stored(rows: list[Screening]) -> list[dict[str, object]]:
    found = Screening.objects.filter(id__in=[row.id for row in rows]).order_by("promotion").values()
    return [{name: value for name, value in row.items() if name not in ("id", "model_version")} for row in found]


def test_many_rows_are_stored_as_few_are(world: World) -> None:
    many = [screening(world, number) for number in range(FEW)]
    few = [screening(world, number) for number in range(FEW)]
    for number, row in enumerate(few):
        row.model_version = f"other-{number}"
        store(Screening, [row])
    store(Screening, many)
    assert stored(many) == stored(few)
    assert len(stored(many)) == len({row.id for row in many + few}) / 2 == FEW
    assert not any(row._state.adding for row in many)


def test_what_the_database_refuses_is_an_error_of_djangos_and_leaves_nothing(world: World) -> None:
    twice = [screening(world, 1) for _ in range(FEW)]
    with pytest.raises(IntegrityError), transaction.atomic():
        store(Screening, twice)
    too_long = [screening(world, number) for number in range(FEW)]
    too_long[-1].language = "x" * 100
    with pytest.raises(DataError), transaction.atomic():
        store(Screening, too_long)
    assert Screening.objects.filter(model_version__startswith="test-").count() == 0
