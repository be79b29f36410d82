"""Start the site: the embedded database, migrations, the demo on a new installation, web and worker."""

import argparse
import fcntl
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Tags
from django.core.checks.registry import registry
from django.core.management import call_command, execute_from_command_line
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import MigrationSchemaMissing
from gunicorn.app.wsgiapp import run as run_gunicorn

from moothall.accounts.models import User
from moothall.cli.demo_logins import demo_logins
from moothall.cli.main import leave_database
from moothall.cli.newer_database import newer_words
from moothall.cli.probing import ask
from moothall.cli.static_files import collect_static_files
from moothall.cli.supervisor import LOOK_EVERY_S, Program, Supervisor, say, started, wait_for
from moothall.core import embedded_postgres
from moothall.core.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from moothall.core.readiness import migrations
from moothall.groups.models import Group

LOCAL = {"localhost", "127.0.0.1"}
READY_TIMEOUT_S = 60
LATE_PAUSE_S = 10
DATABASE_PAUSE_S = 5.0
PREPARING = 1_485  # an advisory lock's number, the database's own


class StartRefusedError(Exception):
    """Something outside is in the way; the message says what, and what to do."""


class StartEndedError(Exception):
    """A signal asked for the end while the start waited for something."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Settings come from the environment; docs/operating.md lists them."


def run(arguments: argparse.Namespace) -> int:
    data = Path(settings.DATA)
    try:
        with _only_one(data), suppress(StartEndedError):
            _refuse_failed_checks()
            _refuse_used_port(settings.PORT)
            if settings.IS_DATABASE_EMBEDDED:
                with embedded_postgres.in_use(data):
                    _serve(_KeptDatabase(EmbeddedPostgres(data)).look)
            else:
                _serve()
    except StartRefusedError as error:
        print(f"moothall: {error}", file=sys.stderr)
        return 1
    say("Stopped.")
    return 0


@contextmanager
def _only_one(data: Path) -> Iterator[None]:
    with _opened(data / "up.lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StartRefusedError(
                f"Moothall already runs on the data folder {data} (process {lock.read().strip()}). "
                "Stop that one, or choose another folder with MOOTHALL_DATA."
            ) from None
        with suppress(OSError):  # on a full disk nobody is told the number, and the lock holds all the same
            os.ftruncate(lock.fileno(), 0)
            os.write(lock.fileno(), str(os.getpid()).encode())
        yield


def _opened(lock: Path) -> IO[str]:
    try:
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return lock.open("a+")
    except OSError as error:
        raise StartRefusedError(
            f"The data folder {lock.parent} can't be written ({error.strerror}). "
            "Give it to the user that runs Moothall, or choose another folder with MOOTHALL_DATA."
        ) from None


def _refuse_failed_checks() -> None:
    """For all the programs, which need not look again; those of the pages are the web process's own."""
    checks = [check for check in registry.get_checks() if Tags.urls not in check.tags]
    found = [message for check in checks for message in check(app_configs=None, databases=None)]
    wrong = [str(message) for message in found if message.is_serious() and not message.is_silenced()]
    if wrong:
        raise StartRefusedError("The site can't start as it is set up.\n" + "\n".join(wrong))


def _refuse_used_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartRefusedError(
                f"Port {port} can't be used ({error.strerror}). Choose another, for example MOOTHALL_PORT={port + 1}."
            ) from None


def _serve(*looks: Callable[[], None]) -> None:
    supervisor = Supervisor(_programs(), [*looks, Greeting(READY_TIMEOUT_S).look])
    supervisor.listen_for_signals()
    _prepare(supervisor)
    supervisor.run()


class _KeptDatabase:
    """The server is no child of the supervisor's, since commands run beside it may have started it."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self.start_again_at_s = 0.0

    def look(self) -> None:
        if self.server.is_running() or time.monotonic() < self.start_again_at_s:
            return
        say("The database ended; starting it again")
        try:
            with self.server.changing():
                self.server.start()
        except EmbeddedPostgresError as error:
            say(f"{error}\nTrying again in {DATABASE_PAUSE_S:.0f} s")
        self.start_again_at_s = time.monotonic() + DATABASE_PAUSE_S


def _prepare(supervisor: Supervisor) -> None:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise StartRefusedError(f"The database can't be reached: {error}\nCheck DATABASE_URL.") from None
    with _alone(supervisor):
        found = migrations()
        if found.unknown:
            raise StartRefusedError(newer_words(found))
        if found.missing:
            _migrate()
        call_command("createcachetable", verbosity=0)
    _collect_static_files()
    if _is_empty() and urlsplit(settings.BASE_URL).hostname in LOCAL:
        _load_demo(supervisor)
    leave_database()  # a forked process must not share its connections, nor its threads run meanwhile


@contextmanager
def _alone(supervisor: Supervisor) -> Iterator[None]:
    """Of several machines that start at once on one database, one makes its tables and the others wait."""
    is_said = False
    # By trying, since CREATE INDEX CONCURRENTLY would wait in turn for a statement that waits for the lock.
    while not _asked("SELECT pg_try_advisory_lock(%s)", PREPARING):
        if not is_said:
            say("Another start prepares the database; waiting for it …")
            is_said = True
        _end_if_asked(supervisor)
        time.sleep(0.5)
    try:
        yield
    finally:
        _asked("SELECT pg_advisory_unlock(%s)", PREPARING)


def _end_if_asked(supervisor: Supervisor) -> None:
    if supervisor.is_asked_to_stop:
        raise StartEndedError


def _asked(statement: str, value: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        return cursor.fetchone()[0]


def _migrate() -> None:
    say("Preparing the database …")
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except MigrationSchemaMissing as error:
        raise StartRefusedError(
            f"The database can't be prepared: {error}.\nThe user in DATABASE_URL must be able to make tables there. "
            "As a superuser: ALTER DATABASE its_name OWNER TO that_user"
        ) from None


def _collect_static_files() -> None:
    try:
        collect_static_files()
    except OSError as error:
        raise StartRefusedError(f"The style sheet can't be written to {settings.STATIC_ROOT}: {error}") from None


def _is_empty() -> bool:
    return not User.objects.exists() and not Group.objects.exists()


def _load_demo(supervisor: Supervisor) -> None:
    """Never on a site that others reach: the demo's passwords are known to everybody.

    Apart, since what it loads (the sentence model above all) would stay in the supervisor's memory.
    """
    _end_if_asked(supervisor)
    say("The database is empty: loading the demo …")
    leave_database()  # a forked process must not share its connections, nor its threads run meanwhile
    try:
        loading = started(Program("demo", partial(call_command, "load_demo")))
    except OSError as error:  # no more processes or memory
        raise StartRefusedError(f"The demo can't be loaded ({error.strerror}). Start the site again later.") from None
    while loading.exitcode is None:
        wait_for(loading, time.monotonic() + LOOK_EVERY_S)
        if supervisor.is_asked_to_stop:  # nothing of it stays: it is one transaction
            loading.terminate()
    _end_if_asked(supervisor)
    if loading.exitcode != 0:
        raise StartRefusedError("The demo could not be loaded; what went wrong is above.")


def _programs() -> list[Program]:
    names = [f"{socket.gethostname()}:{os.getpid()}:{number}" for number in range(settings.WORKERS)]
    programs = [Program("web", _answer), *(_worker(name) for name in names)]
    if settings.LMTP is not None:
        programs.append(Program("mail", _take_in_mail))
    return programs


def _worker(name: str) -> Program:
    return Program("worker", partial(_work, name), goes_by_clock=True)


def _answer() -> None:
    sys.argv = ["gunicorn", "moothall.site.wsgi", "--bind", f"127.0.0.1:{settings.PORT}", "--worker-class", "gthread"]
    sys.argv += ["--workers", str(settings.WEB_WORKERS), "--threads", str(settings.WEB_THREADS)]
    sys.argv += ["--log-level", "warning", "--graceful-timeout", "10", "--no-control-socket"]
    # Whom to believe about HTTPS is for MOOTHALL_TRUSTED_PROXIES to say, not for gunicorn.
    sys.argv += ["--forwarded-allow-ips", ""]
    run_gunicorn()


# --skip-checks: what has to hold was looked at before, and looking takes a third of their starts.
def _work(name: str) -> None:
    command = ["procrastinate", "--skip-checks", "worker", "--name", name]
    command += ["--shutdown-graceful-timeout", "20", "--delete-jobs", "successful"]
    execute_from_command_line(["moothall", *command])


def _take_in_mail() -> None:
    execute_from_command_line(["moothall", "listen_for_mail", "--skip-checks"])


class Greeting:
    """Says where the site is, once it answers, however late."""

    def __init__(self, patience_s: float) -> None:
        """The time begins with the first look, when the database is prepared, which may take minutes."""
        self.patience_s = patience_s
        self.too_late_s: float | None = None
        self.look_again_at_s = 0.0
        self.is_said = False

    def look(self) -> None:
        now_s = time.monotonic()
        if self.is_said or now_s < self.look_again_at_s:
            return
        if _is_ready():
            _greet()
            self.is_said = True
        elif self.too_late_s is None:
            self.too_late_s = now_s + self.patience_s
        elif now_s > self.too_late_s:
            self._say_late(now_s)

    def _say_late(self, now_s: float) -> None:
        if not self.look_again_at_s:
            say(f"The site does not answer after {self.patience_s:g} s; its log is above. Check with: moothall doctor")
        self.look_again_at_s = now_s + LATE_PAUSE_S


def _is_ready() -> bool:
    try:
        with ask("/readyz", timeout_s=2):
            return True
    except (OSError, HTTPException):
        return False


def _greet() -> None:
    say(f"\nMoothall is at {settings.BASE_URL}  (Ctrl-C stops it)")
    if settings.MOOTHALL.mail is None:
        say(f"Mails are not sent, but written to {settings.EMAIL_FILE_PATH}")
    logins = demo_logins()
    if logins:
        say("Log in to the demo as")
        width = max(len(login.email) for login in logins)
        for login in logins:
            say(f"  {login.email:{width}}  {login.password}  {login.about}")
