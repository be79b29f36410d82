"""The command `moothall`: its own subcommands, and every management command of Django behind them."""

import argparse
import importlib
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol, cast

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from moothall.core import embedded_postgres
from moothall.core.embedded_postgres import EmbeddedPostgresError


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
}


def main() -> int:
    os.umask(0o077)  # mails in the outbox and backups are for nobody else on this machine
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.site.settings")
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in {"--help", "-h"}:
        print(_help())
        return 0
    try:
        return _own(name, COMMANDS[name]) if name in COMMANDS else _djangos(name)
    except (ImproperlyConfigured, EmbeddedPostgresError) as error:
        print(f"moothall: {error}", file=sys.stderr)
        return 2


def _own(name: str, command: Command) -> int:
    django.setup()
    # Only now can a command's module import models.
    module = cast(CommandModule, importlib.import_module(command.module))
    parser = argparse.ArgumentParser(prog=f"moothall {name}", description=module.__doc__)
    module.add_arguments(parser)
    arguments = parser.parse_args(sys.argv[2:])
    with _database_if(command.needs_database):
        return module.run(arguments)


def _djangos(name: str) -> int:
    with _database_if(name not in WITHOUT_DATABASE):
        execute_from_command_line(sys.argv)
    return 0


def _database_if(is_needed: bool) -> AbstractContextManager[None]:
    if is_needed and settings.IS_DATABASE_EMBEDDED:
        return embedded_postgres.in_use(settings.DATA)
    return nullcontext()


def _help() -> str:
    lines = [f"  moothall {name:10} {command.help}" for name, command in COMMANDS.items()]
    lines.append(f"  moothall {'help':10} list Django's commands too, such as createsuperuser")
    return "Moothall, a site for groups of shared interest.\n\n" + "\n".join(lines)
