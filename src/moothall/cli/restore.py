"""Fill an empty database from a file that `moothall backup` wrote."""

import argparse
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from moothall.cli import pg_tools

MAGIC = b"PGDMP"  # pg_dump's custom format begins so


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)


def run(arguments: argparse.Namespace) -> int:
    file: Path = arguments.file
    try:
        with file.open("rb") as backup:
            if backup.read(len(MAGIC)) != MAGIC:
                return _refuse(f"{file} is not a backup of Moothall's (pg_dump's custom format).")
    except OSError as error:
        return _refuse(f"{file} can't be read ({error.strerror}).")
    tables = len(connection.introspection.table_names())
    if tables:
        return _refuse(f"the database holds {tables} tables already, and nothing in it is overwritten. {_way_out()}")
    try:
        # One transaction: when it fails, the database is as empty as before.
        pg_tools.call(
            "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
            f"--dbname={settings.DATABASES['default']['NAME']}", str(file.absolute()),
        )  # fmt: skip
    except pg_tools.ToolError as error:
        return _refuse(f"nothing was restored: {error}")
    call_command("migrate", interactive=False, verbosity=0)
    print(f"Restored {file}. Put the old secret key into the data folder, then start: moothall up")
    return 0


def _way_out() -> str:
    if settings.IS_DATABASE_EMBEDDED:
        return "Choose a new data folder with MOOTHALL_DATA and restore there."
    return "Make a new database and name it in DATABASE_URL."


def _refuse(why: str) -> int:
    print(f"moothall restore: {why}", file=sys.stderr)
    return 1
