"""`make bench-digest`: weekly digests built, and handed to a real SMTP sink, in sites of three sizes.

20 groups with 50 posts a day in each for a week; each member is in one group and has weekly mail. Two real workers, one
for each core, do all of it; the sink (aiosmtpd) and PostgreSQL are processes of their own on the same cores. Wanted:
25,000 digests in under 120 s, memory flat. Seconds by the clock mean something on an idle machine only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from installation import fresh_site
from rich.console import Console
from rich.table import Table
from sink import sink
from spent import postgres_cpu_s
from workers import Workers

from moothall.core.embedded_postgres import EmbeddedPostgres

SIZES = (1_000, 10_000, 25_000)
WORKERS = 2
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Measured:
    """`cpu_ms` is the workers', for each digest from choosing to the server's 250; `received` are different people.

    `queries_per_digest` leaves out the note that a mail was sent, which is one statement for each.
    """

    members: int
    received: int
    twice: int
    seconds: float
    per_second: float
    queries_per_digest: float
    cpu_ms: float
    postgres_cpu_ms: float
    sink_cpu_ms: float
    peak_mb: float


def main() -> int:
    sizes = [int(a) for a in sys.argv[1:]] or SIZES
    rows = [_measure(size) for size in sizes]
    _print(rows)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "digest.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0


def _measure(members: int) -> Measured:
    """In a process of its own, since Django is set up once only."""
    answer = subprocess.run([sys.executable, __file__, "--one", str(members)], check=True, stdout=subprocess.PIPE)
    return Measured(**json.loads(answer.stdout.splitlines()[-1]))


def _one(members: int) -> int:
    with fresh_site() as data, sink(data / "received") as taker:
        from digest_filling import fill_week  # noqa: PLC0415 - only once Django is set up

        fill_week(members)
        # All members are of one domain, whose pace is not what is measured.
        given = {"MOOTHALL_EMAIL_URL": f"smtp://127.0.0.1:{taker.port}", "MOOTHALL_MAIL_PACE": "0"}
        workers = Workers(data / "workers", given, ["digest_tasks"])
        try:
            workers.start(WORKERS)
            postgres = EmbeddedPostgres(data).pid() or 0
            before = (workers.cpu_s(), postgres_cpu_s(postgres), taker.cpu_s())
            began = time.time()
            _work_off(workers)
            after = (workers.cpu_s(), postgres_cpu_s(postgres), taker.cpu_s())
            worked = workers.stop()
        finally:
            workers.kill()
        received = taker.received()
    people = len({recipient for _, recipient in received})
    seconds = max(at for at, _ in received) - began
    costs = [1000 * (late - early) / people for late, early in zip(after, before, strict=True)]
    row = Measured(
        members=members,
        received=people,
        twice=len(received) - people,
        seconds=seconds,
        per_second=people / seconds,
        queries_per_digest=sum(each.queries for each in worked) / people,
        cpu_ms=costs[0],
        postgres_cpu_ms=costs[1],
        sink_cpu_ms=costs[2],
        peak_mb=max(each.peak_mb for each in worked),
    )
    print(json.dumps(asdict(row)))
    return 0


def _work_off(workers: Workers) -> None:
    from procrastinate.contrib.django import app  # noqa: PLC0415
    from procrastinate.contrib.django.models import ProcrastinateJob  # noqa: PLC0415

    from moothall.mailer.models import OutboundMessage, SendingState  # noqa: PLC0415

    app.configure_task("build_the_week").defer()

    def is_done() -> bool:
        # Those that succeeded are deleted.
        if ProcrastinateJob.objects.filter(task_name="build_the_week").exists():
            return False
        return not OutboundMessage.objects.filter(state=SendingState.QUEUED).exists()

    workers.wait_until(is_done)
    time.sleep(0.5)  # The sink writes down what it got a moment later.


def _print(rows: list[Measured]) -> None:
    columns = ("members", "received", "twice", "seconds", "a second", "queries each", "CPU ms each", "PostgreSQL ms")
    title = f"Weekly digests, 20 groups, 50 posts a day each; {WORKERS} workers, load {os.getloadavg()[0]:.1f}"
    table = Table(*columns, "sink ms", "peak MB", title=title)
    for row in rows:
        table.add_row(
            *(f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" for value in asdict(row).values())
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    sys.exit(_one(int(sys.argv[2])) if sys.argv[1:2] == ["--one"] else main())
