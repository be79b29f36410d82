"""`make bench-web`: server time and queries of the pages that people open most, in groups of three sizes, on one core.

The whole of it, Python and PostgreSQL, is bound to one core. Requests go through Django's test client: everything but
the socket. Wanted: p95 of the feed under 60 ms at 100,000 posts, growth under 1.5 from 1,000 to 100,000.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from installation import fresh_site
from rich.console import Console
from rich.table import Table

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
    queries: int
    size_kb: float


def main() -> int:
    os.sched_setaffinity(0, {0})
    sizes = [int(a) for a in sys.argv[1:]] or SIZES
    with fresh_site():
        rows = [measured for size in sizes for measured in _measure_group(size)]
    _print(rows)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "web.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0


def _measure_group(posts: int) -> list[Measured]:
    from django.db import connection  # noqa: PLC0415 - only once Django is set up
    from django.test import Client  # noqa: PLC0415
    from filling import fill  # noqa: PLC0415

    from moothall.accounts.models import User  # noqa: PLC0415
    from moothall.discussions.models import Topic  # noqa: PLC0415
    from moothall.members.models import Profile  # noqa: PLC0415

    user = User.objects.create_user(f"reader{posts}@moothall.example", "three old oaks stand")
    reader = Profile.objects.create(user=user, name="Reader", handle=f"reader-{posts}")
    group = fill(f"group-{posts}", posts, reader)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
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
    return [_measure(client, name, posts, addresses) for name, addresses in pages.items()]


def _measure(client: object, page: str, posts: int, addresses: list[str]) -> Measured:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    times, size = [], 0
    for n in range(WARM_UP + ROUNDS):
        start = time.perf_counter()
        answer = client.get(addresses[n % len(addresses)])  # type: ignore[attr-defined]
        times.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{addresses[n % len(addresses)]} answered {answer.status_code}")
        size = len(answer.content)
    with CaptureQueriesContext(connection) as queries:
        client.get(addresses[0])  # type: ignore[attr-defined]
    cuts = statistics.quantiles(times[WARM_UP:], n=20)
    return Measured(page, posts, statistics.median(times[WARM_UP:]), cuts[18], len(queries), size / 1024)


def _print(rows: list[Measured]) -> None:
    table = Table("page", "posts", "p50 ms", "p95 ms", "p95 growth", "queries", "kB", title="Pages on one core")
    smallest = {row.page: row.p95_ms for row in sorted(rows, key=lambda r: -r.posts)}
    for row in sorted(rows, key=lambda r: (r.page, r.posts)):
        growth = row.p95_ms / smallest[row.page]
        table.add_row(
            row.page,
            f"{row.posts:,}",
            f"{row.p50_ms:.1f}",
            f"{row.p95_ms:.1f}",
            f"{growth:.2f}",
            str(row.queries),
            f"{row.size_kb:.0f}",
        )
    Console().print(table)


if __name__ == "__main__":
    raise SystemExit(main())
