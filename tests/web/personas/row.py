"""One address, and what each of the five people gets there: a row of the table that test_personas plays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.world import World

Words = Mapping[str, object]
PEOPLE = ("olga", "mo", "mia", "nils", "sam")


@dataclass(frozen=True, slots=True)
class Row:
    """`expected` maps olga, mo, mia, nils, sam and nobody (not logged in) to a status code.

    `kwargs` and `data` are made from the world, so that ids are those of real rows. A POST that works answers 302.
    """

    name: str
    expected: Mapping[str, int]
    method: str = "get"
    kwargs: Callable[[World], Words] = field(default=lambda world: {})
    data: Callable[[World], Words] = field(default=lambda world: {})


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys((*PEOPLE, "nobody"), status)


def slug(world: World) -> Words:
    return {"slug": world.group.slug}
