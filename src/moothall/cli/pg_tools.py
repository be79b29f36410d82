"""PostgreSQL's own programs, called on the site's database."""

import os
import shutil
import subprocess

from django.conf import settings

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
    """A server of one's own may be newer than the wheel's programs, so its owner's are taken for it."""
    if settings.IS_DATABASE_EMBEDDED:
        return str(binaries() / program)
    found = shutil.which(program)
    if found is None:
        raise ToolError(f"{program} is not installed. Install PostgreSQL's client programs of the server's version.")
    return found


def _environ() -> dict[str, str]:
    """By environment, since other users of the machine can read a command line with its password."""
    database = settings.DATABASES["default"]
    given = {
        "PGHOST": database["HOST"],
        "PGPORT": str(database.get("PORT") or ""),
        "PGUSER": database["USER"],
        "PGPASSWORD": database.get("PASSWORD", ""),
        "PGDATABASE": database["NAME"],
        "PGSSLMODE": str(database["OPTIONS"].get("sslmode", "")),
    }
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"} | {k: v for k, v in given.items() if v}
