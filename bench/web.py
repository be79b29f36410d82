"""`make bench-web`: server time and queries of the pages that people open most, in groups of three sizes, on one core.

The whole of it, Python and PostgreSQL, is bound to one core. Requests go through Django's test client: everything but
the socket. `ms` is by the clock and means something on an idle machine only; `CPU ms` is what Python and PostgreSQL
worked, on any. All groups lie in one database and take turns, so that an hour in which the machine is slow is slow
for each. Wanted: p95 of the feed under 60 ms at 100,000 posts, growth under 1.5 from 1,000 to 100,000.
"""

from __future__ import annotations

import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from installation import fresh_site
from rich.console import Console
from rich.table import Table
from spent import p95, postgres_running_ms

from moothall.core.embedded_postgres import EmbeddedPostgres

ROUNDS, WARM_UP = 60, 5
SIZES = (1_000, 10_000, 100_000)
WORDS = ("plaster damp wall", "meeting minutes", "roof", '"first time"', "server log error", "bread oven", "who knows")
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Measured:
    page: str
    posts: int
    p50_ms: float
    p95_ms: float
    cpu_p50_ms: float
    cpu_p95_ms: float
    postgres_p50_ms: float
    queries: int
    size_kb: float


@dataclass(frozen=True, slots=True)
class Filled:
    """A group, one of its members who reads, and the addresses of each page."""

    posts: int
    reader: Client
    pages: dict[str, list[str]]


def main() -> int:
    os.sched_setaffinity(0, {0})
    sizes = [int(a) for a in sys.argv[1:]] or SIZES
    with fresh_site() as data:
        postgres = EmbeddedPostgres(data).pid() or 0
        logging.getLogger("moothall.request").setLevel(logging.WARNING)
        groups = [_fill(size) for size in sizes]
        with connection.cursor() as cursor:
            # As autovacuum would within a minute or two.
            cursor.execute("VACUUM ANALYZE")
        rows = [measured for page in groups[0].pages for measured in _measure(page, groups, postgres)]
    _print(rows)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "web.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0


def _fill(posts: int) -> Filled:
    from filling import fill  # noqa: PLC0415 - only once Django is set up

    from moothall.accounts.models import User  # noqa: PLC0415
    from moothall.discussions.models import Topic  # noqa: PLC0415
    from moothall.members.models import Profile  # noqa: PLC0415

    user = User.objects.create_user(f"reader{posts}@moothall.example", "three old oaks stand")
    reader = Profile.objects.create(user=user, name="Reader", handle=f"reader-{posts}")
    group = fill(f"group-{posts}", posts, reader)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    longest = Topic.objects.filter(group=group).order_by("-reply_count").first()
    here = f"/groups/{group.slug}/"
    pages = {
        "feed": [here],
        "feed, newest": [f"{here}?order=newest"],
        "feed, unanswered": [f"{here}?order=unanswered"],
        "topic, 200 comments": [f"{here}topics/{longest.id if longest else 0}/"],
        "search": [f"/search/?q={words.replace(' ', '+')}&group={group.slug}" for words in WORDS],
        "home": ["/"],
    }
    return Filled(posts, client, pages)


def _measure(page: str, groups: list[Filled], postgres: int) -> list[Measured]:
    rounds = [[_timed(each, page, n, postgres) for each in groups] for n in range(WARM_UP + ROUNDS)]
    return [
        _measured(page, each, times) for each, times in zip(groups, zip(*rounds[WARM_UP:], strict=True), strict=True)
    ]


def _measured(page: str, group: Filled, times: Sequence[tuple[float, float, float]]) -> Measured:
    wall, cpu, database = zip(*times, strict=True)
    with CaptureQueriesContext(connection) as queries:
        answer = group.reader.get(group.pages[page][0])
    return Measured(
        page=page,
        posts=group.posts,
        p50_ms=statistics.median(wall),
        p95_ms=p95(wall),
        cpu_p50_ms=statistics.median(cpu),
        cpu_p95_ms=p95(cpu),
        postgres_p50_ms=statistics.median(database),
        queries=len(queries),
        size_kb=len(answer.content) / 1024,
    )


def _timed(group: Filled, page: str, turn: int, postgres: int) -> tuple[float, float, float]:
    """Milliseconds by the clock, of all CPU, and of PostgreSQL's."""
    address = group.pages[page][turn % len(group.pages[page])]
    database, wall, cpu = postgres_running_ms(postgres), time.perf_counter(), time.process_time()
    answer = group.reader.get(address)
    cpu_ms, wall_ms = (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000
    database_ms = postgres_running_ms(postgres) - database
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")
    return wall_ms, cpu_ms + database_ms, database_ms


def _print(rows: list[Measured]) -> None:
    columns = (
        "page",
        "posts",
        "p50 ms",
        "p95 ms",
        "CPU p50 ms",
        "CPU p95 ms",
        "growth",
        "of it PostgreSQL",
        "queries",
        "kB",
    )
    table = Table(*columns, title="Pages on one core; growth is of CPU p95")
    smallest = {row.page: row.cpu_p95_ms for row in sorted(rows, key=lambda r: -r.posts)}
    for row in sorted(rows, key=lambda r: (r.page, r.posts)):
        table.add_row(
            row.page,
            f"{row.posts:,}",
            f"{row.p50_ms:.1f}",
            f"{row.p95_ms:.1f}",
            f"{row.cpu_p50_ms:.1f}",
            f"{row.cpu_p95_ms:.1f}",
            f"{row.cpu_p95_ms / smallest[row.page]:.2f}",
            f"{row.postgres_p50_ms:.1f}",
            str(row.queries),
            f"{row.size_kb:.0f}",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    raise SystemExit(main())
