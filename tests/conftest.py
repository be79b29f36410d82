"""The suite runs on one embedded PostgreSQL in .test-data/, kept between runs and shared by pytest's processes."""

import fcntl
import os
import pickle
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg
import pytest
from django.conf import settings
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

TEST_DATA = Path(__file__).parent.parent / ".test-data"
VERY_MANY_TESTS = 100

# By default an example that takes a fifth of a second fails its test, which a busy machine does to any.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")

# A shell starts what runs in the background deaf to it, and the programs that tests interrupt would be so too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Before Django reads its settings: nothing of a person's own installation may reach the tests.
for name in [name for name in os.environ if name.startswith(("MOOTHALL_", "DATABASE_URL"))]:
    del os.environ[name]
os.environ["MOOTHALL_DATA"] = str(TEST_DATA)
os.environ["DJANGO_SETTINGS_MODULE"] = "moothall.site.settings"
# A test database need not survive a power cut.
os.environ["PGOPTIONS"] = "-c synchronous_commit=off"

settings.INSTALLED_APPS += ["tests.emptying"]  # whose command is found before Django's
django.setup()
# With it in their environment, pytest-django would set xdist's processes up before this file is read.
del os.environ["DJANGO_SETTINGS_MODULE"]

from django.db import connection, transaction  # noqa: E402  (as above)
from pytest_django import DjangoDbBlocker  # noqa: E402  (as above)

from moothall.cli.static_files import collect_static_files  # noqa: E402  (as above)
from moothall.core import embedded_postgres  # noqa: E402  (as above)
from moothall.core.embedded_postgres import SUPERUSER  # noqa: E402  (as above)
from tests.migrated import migrated_database  # noqa: E402  (as above)
from tests.world import World, build_world  # noqa: E402  (as above)


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    """Pages name static files by their hashes, as an installation's do: one that is missing fails the page's test."""
    TEST_DATA.mkdir(exist_ok=True)
    with (TEST_DATA / "static.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        collect_static_files()


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[None]:
    with embedded_postgres.in_use(TEST_DATA):
        _wait_for_no_disk()
        yield


def _wait_for_no_disk() -> None:
    """As synchronous_commit above, for whole databases that are copied and dropped."""
    url = f"postgresql://{SUPERUSER}@/postgres?host={embedded_postgres.socket_folder(TEST_DATA)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("ALTER SYSTEM SET fsync = off")
        server.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    embedded_server: None, django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Starts the server only when a test asks for the database, and gives each of xdist's processes its own.

    That one is a copy of a database in which every migration ran, once for these migrations and not for each process.
    """
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_database()


@pytest.fixture(scope="module")
def shared_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Written once for the tests of a file; what each of them changes is rolled back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def pickled_world(shared_world: World) -> bytes:
    return pickle.dumps(shared_world)


@pytest.fixture
def world(pickled_world: bytes, db: None) -> World:
    """A copy for each test, since tests change what they are given; copy.deepcopy takes five times as long."""
    found = pickle.loads(pickled_world)
    assert isinstance(found, World)
    return found


@pytest.fixture(scope="session", autouse=True)
def static_files_found_when_asked_for() -> Iterator[None]:
    """Whitenoise looks through all static files when it is made, which is for each of Django's test clients anew."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_hashed_in_a_moment() -> Iterator[None]:
    """A world has five people with passwords."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first, those that start whole installations and then those of very many tests.

    Begun last, one of them would leave the other processes idle.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in slow, tests[item.path] < VERY_MANY_TESTS))
