"""Write the database to a file in pg_dump's format, while the site runs; `moothall restore` reads it."""

import argparse
import os
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from moothall.cli import pg_tools
from moothall.core.clock import now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, help="default: backups/ in the data folder, named by the time")


def run(arguments: argparse.Namespace) -> int:
    file: Path = arguments.file or _default()
    if file.exists():
        return _refuse(f"{file} exists already. Name another file, so that no older backup is lost.")
    if not connection.introspection.table_names():
        return _refuse(f"the database holds nothing yet. {_where()}")
    draft = file.with_name(f"{file.name}.part{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        pg_tools.call("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}")
        draft.rename(file)
    except (pg_tools.ToolError, OSError) as error:
        return _refuse(f"No backup was written: {error}")
    finally:  # Ctrl-C too leaves no half of one
        draft.unlink(missing_ok=True)
    print(f"Wrote {file} ({file.stat().st_size / 1e6:.1f} MB).")
    print(f"Not in it: the secret key ({_secret_key()}). Keep a copy of that too.")
    return 0


def _default() -> Path:
    return Path(settings.DATA) / "backups" / f"moothall-{now():%Y%m%d-%H%M%S}.dump"


def _where() -> str:
    setting = "MOOTHALL_DATA" if settings.IS_DATABASE_EMBEDDED else "DATABASE_URL"
    return f"Was the site's own {setting} given to this command too?"


def _secret_key() -> str:
    return "from MOOTHALL_SECRET_KEY" if settings.MOOTHALL.secret_key else str(Path(settings.DATA) / "secret-key")


def _refuse(why: str) -> int:
    print(f"moothall backup: {why}", file=sys.stderr)
    return 1
