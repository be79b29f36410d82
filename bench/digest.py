"""`make bench-digest`: digests built, and handed to a real SMTP sink, in sites of three sizes.

20 groups with 50 posts a day in each for a week; each member is in one group and has weekly mail. One process builds,
then two send, one for each core; the sink (aiosmtpd) is a process of its own on the same cores. Wanted: 25,000 digests
in under 120 s, memory flat. Seconds by the clock mean something on an idle machine only, CPU seconds on any.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from installation import fresh_site
from rich.console import Console
from rich.table import Table
from spent import postgres_cpu_s

from moothall.core.embedded_postgres import EmbeddedPostgres

SIZES = (1_000, 10_000, 25_000)
SENDERS = 2
HERE = Path(__file__).parent
RESULTS = HERE / "results"


@dataclass(frozen=True, slots=True)
class Worked:
    """What one process did, as it says itself."""

    done: int
    queries: int
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Measured:
    members: int
    digests: int
    received: int
    build_s: float
    send_s: float
    per_second: float
    queries_per_digest: float
    build_peak_mb: float
    send_peak_mb: float
    cpu_s: float
    postgres_cpu_s: float


def main() -> int:
    sizes = [int(a) for a in sys.argv[1:]] or SIZES
    rows = [_measure(size) for size in sizes]
    _print(rows)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "digest.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0


def _measure(members: int) -> Measured:
    """In a process of its own, since Django is set up once only."""
    command = [sys.executable, __file__, "--one", str(members)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return Measured(**json.loads(answer.stdout.splitlines()[-1]))


def _one(members: int) -> int:
    with fresh_site() as data, _sink(data) as port:
        from digest_filling import fill_week  # noqa: PLC0415 - only once Django is set up

        fill_week(members)
        postgres = EmbeddedPostgres(data).pid() or 0
        database = postgres_cpu_s(postgres)
        environ = {**os.environ, "MOOTHALL_EMAIL_URL": f"smtp://127.0.0.1:{port}", "PYTHONPATH": str(HERE)}
        began = time.perf_counter()
        built = _finished([_started("build", environ)])[0]
        built_at = time.perf_counter()
        sent = _finished([_started("send", environ) for _ in range(SENDERS)])
        ended = time.perf_counter()
        row = Measured(
            members=members,
            digests=built.done,
            received=int((data / "received").read_text()),
            build_s=built_at - began,
            send_s=ended - built_at,
            per_second=built.done / (ended - began),
            queries_per_digest=sum(each.queries for each in (built, *sent)) / max(built.done, 1),
            build_peak_mb=built.peak_mb,
            send_peak_mb=max(each.peak_mb for each in sent),
            cpu_s=sum(each.cpu_s for each in (built, *sent)),
            postgres_cpu_s=postgres_cpu_s(postgres) - database,
        )
    print(json.dumps(asdict(row)))
    return 0


@contextmanager
def _sink(data: Path) -> Iterator[int]:
    command = [sys.executable, str(HERE / "digest_sink.py"), str(data / "received")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=30)


def _started(what: str, environ: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / "digest_work.py"), what]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


def _finished(processes: list[subprocess.Popen[str]]) -> list[Worked]:
    said = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit("A worker failed; it says above why.")
    return [Worked(**json.loads(line.splitlines()[-1])) for line in said]


def _print(rows: list[Measured]) -> None:
    columns = ("members", "digests", "received", "build s", "send s", "a second", "queries each", "MB build", "MB send")
    table = Table(*columns, "CPU s", "PostgreSQL s", title="Weekly digests, 20 groups, 50 posts a day each")
    for row in rows:
        table.add_row(
            *(f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" for value in asdict(row).values())
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    sys.exit(_one(int(sys.argv[2])) if sys.argv[1:2] == ["--one"] else main())
