"""The command `moothall`: its own subcommands, and every management command of Django behind them."""

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError, connection
from psycopg.errors import UndefinedColumn, UndefinedTable

from moothall.core import embedded_postgres
from moothall.core.embedded_postgres import EmbeddedPostgresError

if TYPE_CHECKING:
    from django.db.backends.postgresql.base import DatabaseWrapper

    from moothall.core.readiness import Migrations


class UnpreparedError(ImproperlyConfigured):
    def __init__(self) -> None:
        super().__init__(
            "The database is not prepared for this version. Start the site, which prepares it: moothall up. "
            "Or, with the site stopped: moothall migrate"
        )


class CommandModule(Protocol):
    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Returns the exit code."""


@dataclass(frozen=True, slots=True)
class Command:
    module: str
    help: str
    needs_database: bool


COMMANDS = {
    "up": Command("moothall.cli.up", "start the site: database, web and worker, until Ctrl-C", needs_database=False),
    "doctor": Command("moothall.cli.doctor", "check the installation and say what to do", needs_database=False),
    "backup": Command("moothall.cli.backup", "write the database to a file", needs_database=True),
    "restore": Command("moothall.cli.restore", "fill an empty database from such a file", needs_database=True),
}
# Commands of two words, and the management command that each one is.
TWO_WORDS: dict[tuple[str, ...], str] = {
    ("import", "mbox"): "import_mbox",
    ("read", "again"): "reread",
    ("mail", "explain"): "explain_mail",
    ("mail", "receive"): "receive_mail",
}
# Of Django's commands, those that never ask the database; the others find it running.
WITHOUT_DATABASE = {
    "help",
    "version",
    "--version",
    "check",
    "collectstatic",
    "diffsettings",
    "startapp",
    "makemessages",
    "explain_mail",
}
# sysexits.h. At 75 a mail server keeps the mail and tries again; a code that it does not know returns it to its sender.
EX_TEMPFAIL = 75
MAIL_CODES = (0, 65, 67, EX_TEMPFAIL)
INTERRUPTED = 130  # as a shell has it: 128 and the number of SIGINT


def main() -> int:
    os.umask(0o077)  # mails in the outbox and backups are for nobody else on this machine
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.site.settings")
    arguments = _joined(sys.argv[1:]) or ["--help"]
    name = arguments[0]
    if name in {"--help", "-h"}:
        print(_help())
        return 0
    if name == "receive_mail":
        return _for_a_mail_server(arguments)
    try:
        if name in COMMANDS:
            return _own(COMMANDS[name], arguments)
        return _djangos(arguments)
    except (ImproperlyConfigured, EmbeddedPostgresError) as error:
        print(f"moothall: {error}", file=sys.stderr)
        return 2
    except OperationalError as error:
        print(f"moothall: The database refuses: {str(error).strip()}\nCheck it with: moothall doctor", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED


def _for_a_mail_server(arguments: list[str]) -> int:
    try:
        return _djangos(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) and ended.code in MAIL_CODES else EX_TEMPFAIL
    except (ImproperlyConfigured, EmbeddedPostgresError) as error:
        print(f"moothall: {error}", file=sys.stderr)
        return EX_TEMPFAIL
    except Exception:
        traceback.print_exc()
        return EX_TEMPFAIL


def _joined(arguments: list[str]) -> list[str]:
    command = TWO_WORDS.get(tuple(arguments[:2]))
    return [command, *arguments[2:]] if command else arguments


def _own(command: Command, arguments: list[str]) -> int:
    django.setup()
    # Only now can a command's module import models.
    module = cast(CommandModule, importlib.import_module(command.module))
    parser = argparse.ArgumentParser(prog=f"moothall {arguments[0]}", description=module.__doc__)
    module.add_arguments(parser)
    parsed = parser.parse_args(arguments[1:])
    with _database_if(command.needs_database):
        return module.run(parsed)


def _djangos(arguments: list[str]) -> int:
    said = nullcontext() if arguments[0] == "migrate" else _said_if_unprepared()
    with _database_if(arguments[0] not in WITHOUT_DATABASE), said:
        execute_from_command_line(["moothall", *arguments])
    return 0


@contextmanager
def _database_if(is_needed: bool) -> Iterator[None]:
    is_ours = is_needed and settings.IS_DATABASE_EMBEDDED
    with embedded_postgres.in_use(settings.DATA) if is_ours else nullcontext():
        try:
            yield
        finally:
            if is_needed:
                leave_database()


def leave_database() -> None:
    """The pool has threads. Python stops them where they stand as it ends, and then waited for ever on one that had a
    lock: a mail server's `moothall mail receive` did."""
    connection.close()
    cast("DatabaseWrapper", connection).close_pool()


@contextmanager
def _said_if_unprepared() -> Iterator[None]:
    try:
        yield
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable | UndefinedColumn) or _has_all_migrations():
            raise
        raise UnpreparedError from None


def _has_all_migrations() -> bool:
    connection.close()  # whatever went wrong in it
    # Only now can it import models.
    found: Migrations = importlib.import_module("moothall.core.readiness").migrations()
    return not found.missing


def _help() -> str:
    lines = [f"  moothall {name:12} {command.help}" for name, command in COMMANDS.items()]
    lines.append(f"  moothall {'import mbox':12} bring a mailing list's archive into a group")
    lines.append(f"  moothall {'mail explain':12} say how a mail in a file would be understood")
    lines.append(f"  moothall {'mail receive':12} take in one mail, for a mail server's pipe")
    lines.append(f"  moothall {'help':12} list Django's commands too, such as createsuperuser")
    return "Moothall, a site for groups of shared interest.\n\n" + "\n".join(lines)
