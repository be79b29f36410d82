"""Check the installation, and say what to do about what is wrong."""

import argparse
import json
import shutil
import stat
import sys
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from enum import StrEnum
from http.client import HTTPException
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, ProgrammingError, connection
from django.db.migrations.recorder import MigrationRecorder
from packaging.requirements import Requirement

from moothall.cli.newer_database import newer_words
from moothall.cli.probing import ask
from moothall.core import embedded_postgres
from moothall.core.clock import now
from moothall.core.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from moothall.core.readiness import WORKER_SILENT_AFTER_S, migrations, worker_seen_at
from moothall.judging.judge import screener

LEAST_FREE_BYTES = 1_000_000_000
OLDEST_POSTGRES = 160_000
CLOCKS_APART_S = 5
LOCAL = {"localhost", "127.0.0.1"}


class State(StrEnum):
    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    about: str
    state: State
    says: str
    advice: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(arguments: argparse.Namespace) -> int:
    """0 when nothing is wrong, else 1; notes are for the person to weigh."""
    findings = list(_examine())
    is_well = all(finding.state != State.WRONG for finding in findings)
    if arguments.json:
        print(json.dumps({"is_well": is_well, "findings": [asdict(finding) for finding in findings]}, indent=1))
    else:
        _print(findings)
    return 0 if is_well else 1


def _print(findings: list[Finding]) -> None:
    for finding in findings:
        print(f"{finding.state.upper():5}  {finding.about}: {finding.says}")
        if finding.advice:
            print(f"       → {finding.advice}")


def _examine() -> Iterator[Finding]:
    for check in (_python, _packages, _screener, _data_folder, _disk, _secret_key, _static_files, _port, _mail):
        yield check()
    yield from _database_findings()


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python", State.FINE, f"{version} at {sys.executable}")


def _packages() -> Finding:
    wrong = []
    for line in metadata.requires("moothall") or []:
        needed = Requirement(line)
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{needed.name} is missing")
            continue
        if not needed.specifier.contains(version):
            wrong.append(f"{needed.name} is {version}, needed {needed.specifier}")
    if wrong:
        return Finding("Packages", State.WRONG, "; ".join(wrong), "Run: pip install --requirement requirements.txt")
    return Finding("Packages", State.FINE, "all that are needed, in versions that fit")


def _screener() -> Finding:
    try:
        screener().load()
    except (OSError, ValueError) as error:
        return Finding("Screener", State.WRONG, str(error))
    return Finding("Screener", State.FINE, f"all its files can be read, {screener().version}")


def _data_folder() -> Finding:
    data = Path(settings.DATA)
    if not data.exists():
        return Finding(
            "Data folder", State.NOTE, f"there is no {data} yet", "Start the site, which makes it: moothall up"
        )
    private = [data / name for name in ("postgres", "run", "secret-key") if (data / name).exists()]
    open_ones = [path for path in private if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if stat.S_IMODE(data.stat().st_mode) & 0o066:
        open_ones.append(data)
    if open_ones:
        names = " ".join(str(path) for path in open_ones)
        return Finding("Data folder", State.WRONG, f"others may read {names}", f"Run: chmod go-rwx {names}")
    return Finding("Data folder", State.FINE, f"{data}, private")


def _disk() -> Finding:
    data = Path(settings.DATA)
    free = shutil.disk_usage(next(folder for folder in (data, *data.parents) if folder.exists())).free
    if free < LEAST_FREE_BYTES:
        return Finding(
            "Disk", State.WRONG, f"{free / 1e6:.0f} MB free", "Make room: the database stops when it is full"
        )
    return Finding("Disk", State.FINE, f"{free / 1e9:.0f} GB free")


def _secret_key() -> Finding:
    if len(settings.SECRET_KEY) < 50:
        return Finding(
            "Secret key",
            State.WRONG,
            "too short",
            f"Remove {Path(settings.DATA) / 'secret-key'}: a start makes a new one",
        )
    return Finding("Secret key", State.FINE, "long enough")


def _static_files() -> Finding:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return Finding("Static files", State.WRONG, "not collected", "Run: moothall collectstatic --no-input")
    return Finding("Static files", State.FINE, f"collected in {settings.STATIC_ROOT}")


def _port() -> Finding:
    try:
        with ask("/healthz", timeout_s=5) as answer:
            if json.load(answer) == {"status": "alive"}:
                return Finding("Port", State.FINE, f"the site answers on {settings.PORT}")
    except urllib.error.HTTPError:
        pass
    except urllib.error.URLError:
        return Finding("Port", State.NOTE, f"nothing answers on {settings.PORT}", "Start the site: moothall up")
    except (OSError, HTTPException, ValueError):
        pass
    return Finding(
        "Port", State.WRONG, f"another program answers on {settings.PORT}", "Choose another port with MOOTHALL_PORT"
    )


def _mail() -> Finding:
    if settings.MOOTHALL.mail is None:
        is_public = urlsplit(settings.BASE_URL).hostname not in LOCAL
        state = State.WRONG if is_public else State.NOTE
        return Finding("Mail", state, f"is written to {settings.EMAIL_FILE_PATH}, not sent", "Set MOOTHALL_EMAIL_URL")
    name = settings.EMAIL_HOST
    try:
        with mail.get_connection():
            return Finding("Mail", State.FINE, f"{name} takes mail")
    except (OSError, ImportError, ImproperlyConfigured) as error:  # smtplib's errors are OSErrors
        return Finding("Mail", State.WRONG, f"{name} refuses: {error}", "Check MOOTHALL_EMAIL_URL")


def _database_findings() -> Iterator[Finding]:
    data = Path(settings.DATA)
    if settings.IS_DATABASE_EMBEDDED and not (EmbeddedPostgres(data).cluster / "PG_VERSION").exists():
        yield Finding("Database", State.WRONG, "there is none yet", "Start the site, which makes it: moothall up")
        return
    try:
        with _database():
            yield from _asked(_version, _migrations, _worker, _incoming, _clock)
    except EmbeddedPostgresError as error:
        yield Finding(
            "Database", State.WRONG, str(error), "See its log, and “When the database does not start” in docs"
        )


def _database() -> AbstractContextManager[None]:
    if settings.IS_DATABASE_EMBEDDED:
        return embedded_postgres.in_use(Path(settings.DATA))
    return nullcontext()


def _asked(*checks: Callable[[], Finding]) -> Iterator[Finding]:
    for check in checks:
        about = check.__name__.strip("_").capitalize()
        try:
            yield check()
        except ProgrammingError:
            yield Finding(about, State.WRONG, "its table is not there yet", "Run: moothall migrate")
        except DatabaseError as error:
            says = f"the database does not answer: {error}"
            yield Finding(about, State.WRONG, says, "Check DATABASE_URL and its server")
            return


def _version() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        number = int(cursor.fetchone()[0])
    kind = "embedded" if settings.IS_DATABASE_EMBEDDED else "from DATABASE_URL"
    says = f"PostgreSQL {number // 10_000}.{number % 10_000}, {kind}"
    if number < OLDEST_POSTGRES:
        return Finding("Database", State.WRONG, says, "Moothall needs PostgreSQL 16 or newer")
    return Finding("Database", State.FINE, says)


def _migrations() -> Finding:
    found = migrations()
    if found.unknown:
        return Finding("Migrations", State.WRONG, newer_words(found))
    if found.missing:
        return Finding("Migrations", State.WRONG, f"{found.missing} are missing", "Run: moothall migrate")
    return Finding("Migrations", State.FINE, "all applied")


def _worker() -> Finding:
    seen_at = worker_seen_at()
    if seen_at is None:
        return Finding("Worker", State.NOTE, "none runs: mails and figures wait", "Start the site: moothall up")
    silent_s = (now() - seen_at).total_seconds()
    if silent_s > WORKER_SILENT_AFTER_S:
        says = f"was last seen {silent_s:.0f} s ago"
        return Finding("Worker", State.WRONG, says, "Start it again: moothall up, or moothall procrastinate worker")
    return Finding("Worker", State.FINE, f"seen {silent_s:.0f} s ago")


def _incoming() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM inbound_inboundmessage WHERE state = 'unread'")
        count = int(cursor.fetchone()[0])
    if count:
        list_url = f"{settings.BASE_URL}/admin/inbound/inboundmessage/?state__exact=unread"
        advice = f"See why, mend that, and have them tried again: {list_url}"
        return Finding("Incoming mail", State.WRONG, f"{count} could not be read, and are kept", advice)
    return Finding("Incoming mail", State.FINE, "all that came is read, or is being read")


def _clock() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart_s = abs((now() - cursor.fetchone()[0]).total_seconds())
    latest = MigrationRecorder(connection).migration_qs.order_by("-applied").first()
    if apart_s > CLOCKS_APART_S:
        return Finding("Clock", State.WRONG, f"{apart_s:.0f} s apart from the database's", "Set both by NTP")
    if latest is not None and latest.applied > now():
        return Finding(
            "Clock", State.WRONG, f"it is before {latest.applied:%Y-%m-%d}, when this was set up", "Set it by NTP"
        )
    return Finding("Clock", State.FINE, f"{now():%Y-%m-%d %H:%M:%S} UTC, as the database's")
