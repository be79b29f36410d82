"""A real installation in a folder of its own, for tests that start and kill real processes."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from django.conf import settings as django_settings

from moothall.core.embedded_postgres import DATABASE_NAME, SUPERUSER, EmbeddedPostgres, in_use, socket_folder
from tests.migrated import migrations_fingerprint
from tests.ports import free_port

PATIENCE_S = 120
LOOK_EVERY_S = 0.05
MOOTHALL = Path(sys.executable).with_name("moothall")


class Installation:
    def __init__(self, data: Path, settings: dict[str, str]) -> None:
        self.data = data
        self.settings = settings
        self.port = free_port()
        self.log = data.parent / f"{data.name}.log"
        self.up: subprocess.Popen[bytes] | None = None
        self._connection: psycopg.Connection | None = None

    def environ(self, **settings: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
        # A site that others would reach starts without the demo, hence fast.
        ours = {
            "MOOTHALL_DATA": str(self.data),
            "MOOTHALL_PORT": str(self.port),
            "MOOTHALL_BASE_URL": "http://moot.test",
        }
        return kept | ours | self.settings | settings

    def moothall(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [str(MOOTHALL), *arguments]
        return subprocess.run(
            command, env=self.environ(**settings), capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )

    def start(self) -> float:
        """Seconds until the site was ready."""
        began_s = time.monotonic()
        with self.log.open("ab") as log:
            self.up = subprocess.Popen(
                [str(MOOTHALL), "up"],
                env=self.environ(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until(self.is_ready)
        return time.monotonic() - began_s

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz") == 200
        except OSError:
            return False

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def wait_until(self, holds: Callable[[], bool]) -> None:
        until_s = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < until_s, f"waited {PATIENCE_S} s in vain:\n{self.log.read_text()}"
            time.sleep(LOOK_EVERY_S)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.up is not None
        self.up.send_signal(number)
        return self.up.wait(timeout=PATIENCE_S)

    def processes(self) -> list[psutil.Process]:
        """Supervisor, web, worker and database of this installation that still run."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def programs(self, name: str) -> list[psutil.Process]:
        """Processes of the supervisor's `web`, `worker` or `mail`."""
        return [process for process in self.processes() if _name(process) == f"moothall-{name}"]

    def sql(self, statement: str) -> str:
        """Rows as lines, columns between bars.

        What it wrote is on the disk afterwards, other than in this process's own database.
        """
        try:
            rows = self._rows(statement)
        except psycopg.OperationalError:  # a test has ended the server since
            self._disconnect()
            rows = self._rows(statement)
        return "\n".join("|".join("" if value is None else str(value) for value in row) for row in rows)

    def _rows(self, statement: str) -> list[tuple[object, ...]]:
        if self._connection is None:
            durable = "-c synchronous_commit=on"
            self._connection = psycopg.connect(self.database_url(), autocommit=True, options=durable)
        cursor = self._connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def database(self) -> Iterator[None]:
        """The server alone, without the site."""
        with in_use(self.data):
            yield

    def database_url(self) -> str:
        """Of the running server, as an installation without one of its own names it."""
        return f"postgresql://{SUPERUSER}@/{DATABASE_NAME}?host={socket_folder(self.data)}"

    def database_pid(self) -> int | None:
        return EmbeddedPostgres(self.data).pid()

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                return False
            is_server = process.name() == "postgres" and process.cwd() == str(self.data / "postgres")
            return is_server or process.environ().get("MOOTHALL_DATA") == str(self.data)
        except psutil.Error:
            return False

    def kill_everything(self) -> None:
        self._disconnect()
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):  # backends end by themselves when their postmaster has
                process.kill()
        if self.up is not None:
            self.up.wait(timeout=PATIENCE_S)
        self.wait_until(lambda: not self.processes())


@contextmanager
def installation(**settings: str) -> Iterator[Installation]:
    """In a folder that is not there yet."""
    # Not pytest's own temporary folder: its path is too long for a socket, and closed to the database's user.
    folder = Path(tempfile.mkdtemp(prefix="moot-"))
    made = Installation(folder / "data", settings)
    try:
        yield made
    finally:
        made.kill_everything()
        shutil.rmtree(folder)


@contextmanager
def prepared_installation(**settings: str) -> Iterator[Installation]:
    """In a folder where a site ran before and has stopped, without anything in its database."""
    with installation(**settings) as made:
        copy_folder(_prepared_folder(), made.data)
        yield made


def _prepared_folder() -> Path:
    """Made once for these migrations and kept beside the tests' database, as that is."""
    kept = Path(django_settings.DATA)
    wanted = kept / f"prepared-{migrations_fingerprint()}"
    with (kept / "prepared.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.exists():
            for old in kept.glob("prepared-*"):
                shutil.rmtree(old)
            with installation() as made:
                made.start()
                made.sql("ALTER SYSTEM SET fsync = off")  # as for the tests' own server
                made.stop()
                # Under another name until it is whole, so that an interrupted run leaves nothing that looks ready.
                unfinished = kept / f"prepared-unfinished-{os.getpid()}"
                copy_folder(made.data, unfinished)
            unfinished.rename(wanted)
    return wanted


def copy_folder(source: Path, target: Path) -> None:
    """With its owners, whom Python's own copying leaves out and PostgreSQL asks for."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:  # it ended a moment ago
        return ""
