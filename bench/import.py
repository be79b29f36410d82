"""`make bench-import`: messages a second and peak memory of importing archives, screening included.

Archives: see archives.py. Each is imported in a process of its own, and once more four times over, to see whether
memory grows with the archive.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from archives import archives, many_times
from rich.console import Console
from rich.table import Table
from spent import memory_mb

TIMES_OVER = 4


@dataclass(frozen=True, slots=True)
class Run:
    archive: str
    messages: int
    imported: int
    wall_s: float
    cpu_s: float
    peak_mb: float


def main() -> int:
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        print(json.dumps(_import_one(Path(sys.argv[2]))))
        return 0
    table = Table("archive", "messages", "imported", "messages/s", "per CPU-second", "peak MB", title="Import")
    with tempfile.TemporaryDirectory() as folder:
        for archive in archives(sys.argv[1:], Path(folder)):
            _add(table, _in_own_process(archive))
            _add(table, _in_own_process(many_times(archive, Path(folder), TIMES_OVER)))
    Console(width=100).print(table)
    return 0


def _add(table: Table, run: Run) -> None:
    table.add_row(
        run.archive,
        f"{run.messages:,}",
        f"{run.imported:,}",
        f"{run.messages / run.wall_s:.0f}",
        f"{run.messages / run.cpu_s:.0f}",
        f"{run.peak_mb:.0f}",
    )


def _in_own_process(archive: Path) -> Run:
    done = subprocess.run([sys.executable, __file__, "--one", str(archive)], check=True, capture_output=True, text=True)
    return Run(archive=archive.name, **json.loads(done.stdout.splitlines()[-1]))


def _import_one(archive: Path) -> dict[str, float]:
    from installation import fresh_site  # noqa: PLC0415 - sets Django up

    with fresh_site():
        from moothall.core.mbox import iterate_mbox  # noqa: PLC0415
        from moothall.groups.models import Group  # noqa: PLC0415
        from moothall.judging.judge import fast_screener  # noqa: PLC0415
        from moothall.posting.importing import Import  # noqa: PLC0415

        group = Group.objects.create(slug="archive", name="Archive", purpose="What the list is about.")
        fast_screener()
        run = Import(group)
        wall, cpu = time.perf_counter(), _cpu_s()
        most_mb = 0.0
        for _ in run.run(iterate_mbox(archive)):
            most_mb = max(most_mb, memory_mb(os.getpid()))
        return {
            "messages": run.report.messages,
            "imported": run.report.imported,
            "wall_s": time.perf_counter() - wall,
            "cpu_s": _cpu_s() - cpu,
            "peak_mb": most_mb,
        }


def _cpu_s() -> float:
    """Of this process and of its children that have ended; PostgreSQL is none of them."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    raise SystemExit(main())
