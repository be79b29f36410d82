"""PostgreSQL's own programs, called on the site's database."""

import os
import re
import shutil
import subprocess
from typing import cast

from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.pq import Conninfo

from moothall.core.embedded_postgres import binaries


class ToolError(Exception):
    """A program of PostgreSQL is missing or ended with an error; the message says what to do."""


def call(program: str, *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603
        [_path(program), *arguments], env=_environ(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ToolError(f"{program} failed: {done.stderr.strip()}")


def _path(program: str) -> str:
    """For a server of one's own the programs of its version, if they are installed; else the wheel's.

    Those know every server that is not newer than they are.
    """
    own = str(binaries() / program)
    if settings.IS_DATABASE_EMBEDDED:
        return own
    server = cast(DatabaseWrapper, connection).pg_version // 10_000
    found = shutil.which(program)
    if found is not None and _major(found) == server:
        return found
    if server > _major(own):
        raise ToolError(
            f"The server is PostgreSQL {server}. Install {program} of that version, and put it on the PATH."
        )
    return own


def _major(program: str) -> int:
    """Of `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0)`, 15."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    version = re.search(r"\) (\d+)", said)
    return int(version[1]) if version else 0


def _environ() -> dict[str, str]:
    """What the site's own connection is given, whatever that is: a certificate's place, say.

    By environment, since other users of the machine can read a command line with its password.
    """
    database = settings.DATABASES["default"]
    given = {
        "host": database["HOST"],
        "port": database.get("PORT"),
        "user": database["USER"],
        "password": database.get("PASSWORD"),
        "dbname": database["NAME"],
    } | database["OPTIONS"]
    variables = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    named = {variables.get(keyword): value for keyword, value in given.items() if value}
    return dict(os.environ) | {"LC_ALL": "C"} | {name.decode(): str(value) for name, value in named.items() if name}
