"""A database in which every migration ran, kept in .test-data/ and copied for each process of the tests."""

from __future__ import annotations

import fcntl
import hashlib
import inspect
import os
from pathlib import Path
from typing import cast

from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.loader import MigrationLoader


def migrated_database() -> str:
    """Its name, which changes with any migration."""
    name = f"migrated_{migrations_fingerprint()}"
    with Path(settings.DATA, "migrated.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists(name):
            _make(name)
    return name


def migrations_fingerprint() -> str:
    migrations = MigrationLoader(None).disk_migrations
    digest = hashlib.sha256(repr(sorted(migrations)).encode())
    for path in sorted({inspect.getfile(type(migration)) for migration in migrations.values()}):
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:16]


def _exists(name: str) -> bool:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _make(name: str) -> None:
    """Under another name until it is whole, so that an interrupted run leaves nothing that looks ready."""
    present, tested = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    unfinished = f"{name}_{os.getpid()}"
    connection.settings_dict["TEST"]["NAME"] = unfinished
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
        cast(DatabaseWrapper, connection).close_pool()
    finally:
        connection.settings_dict["TEST"]["NAME"] = tested
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = present
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'migrated%%' AND datname <> %s", [unfinished]
        )
        for (old,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE "{old}"')
        cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
