"""Every address is tried by all five people and by nobody; an address without a row fails."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from tests.browsers import session_of
from tests.web import personas
from tests.web.personas.row import PEOPLE, Row
from tests.world import World


def rows() -> list[Row]:
    found: list[Row] = []
    for module in pkgutil.iter_modules(personas.__path__):
        if module.name != "row":
            found += importlib.import_module(f"tests.web.personas.{module.name}").ROWS
    return found


def names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern) and pattern.callback.__module__.startswith("moothall."):
            yield f"{prefix}{pattern.name}"


def test_every_address_has_a_row() -> None:
    assert set(names(get_resolver())) == {row.name for row in rows()}


def each_try() -> Iterator[tuple[Row, str]]:
    for row in rows():
        for who in row.expected:
            yield row, who


@pytest.fixture(scope="module")
def sessions(shared_world: World, django_db_blocker: DjangoDbBlocker) -> dict[str, str]:
    """One for everybody; each try brings the cookie."""
    with django_db_blocker.unblock():
        return {name: session_of(shared_world.persona(name)) for name in PEOPLE}


@pytest.fixture
def world(sessions: dict[str, str], world: World) -> World:
    return world


@pytest.mark.parametrize(
    ("row", "who"), list(each_try()), ids=lambda v: v if isinstance(v, str) else f"{v.method}-{v.name}"
)
def test_address_answers_each_persona(row: Row, who: str, world: World, sessions: dict[str, str]) -> None:
    client = Client()
    if who != "nobody":
        client.cookies[settings.SESSION_COOKIE_NAME] = sessions[who]
    address = reverse(row.name, kwargs=dict(row.kwargs(world)))
    answer = client.generic("GET", address) if row.method == "get" else client.post(address, dict(row.data(world)))
    assert answer.status_code == row.expected[who]
    # The group is private, whoever looks at it.
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
