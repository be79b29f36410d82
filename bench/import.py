"""`make bench-import`: messages a second and peak memory of importing archives, screening included.

Give archives (mbox, plain or gzip) as arguments or in MOOTHALL_BENCH_ARCHIVES, separated by colons; without any, one is
made from the corpus. Each is imported in a process of its own, and once more ten times over, to see whether memory
grows with the archive.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from filling_texts import corpus_texts
from rich.console import Console
from rich.table import Table

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
    given = sys.argv[1:] or [a for a in os.environ.pop("MOOTHALL_BENCH_ARCHIVES", "").split(":") if a]
    table = Table("archive", "messages", "imported", "messages/s", "per CPU-second", "peak MB", title="Import")
    with tempfile.TemporaryDirectory() as folder:
        archives = [Path(a) for a in given] or [made_archive(Path(folder))]
        for archive in archives:
            _add(table, _in_own_process(archive))
            _add(table, _in_own_process(_many_times(archive, Path(folder))))
    Console().print(table)
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
        from moothall.judging.judge import screener  # noqa: PLC0415
        from moothall.posting.importing import Import  # noqa: PLC0415

        group = Group.objects.create(slug="archive", name="Archive", purpose="What the list is about.")
        screener()
        run = Import(group)
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in run.run(iterate_mbox(archive)):
            pass
        return {
            "messages": run.report.messages,
            "imported": run.report.imported,
            "wall_s": time.perf_counter() - wall,
            "cpu_s": time.process_time() - cpu,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def _many_times(archive: Path, folder: Path) -> Path:
    """The archive several times over, each time with message ids of its own."""
    opened = gzip.open if archive.read_bytes()[:2] == b"\x1f\x8b" else open
    with opened(archive, "rb") as source:
        data = source.read()
    path = folder / f"{archive.name} x{TIMES_OVER}"
    with path.open("wb") as target:
        for n in range(TIMES_OVER):
            target.write(data.replace(b"@", b"@%d." % n) if n else data)
            target.write(b"\n")
    return path


def made_archive(folder: Path) -> Path:
    """Two thousand mails from the corpus, a third of them answers."""
    path = folder / "corpus.mbox"
    with path.open("wb") as target:
        for n, (title, text) in enumerate(corpus_texts()[:2000]):
            mail = EmailMessage()
            mail["From"] = f"Member {n % 90} <m{n % 90}@list.example>"
            mail["Subject"] = title if n % 3 else f"Re: {title}"
            mail["Date"] = format_datetime(datetime(2012, 1, 1, tzinfo=UTC) + timedelta(hours=n))
            mail["Message-ID"] = f"<{n}@list.example>"
            if n % 3 == 0 and n:
                mail["In-Reply-To"] = f"<{n - 1}@list.example>"
            mail.set_content(text)
            target.write(b"From m@list.example Sun Jan  1 00:00:00 2012\n" + bytes(mail) + b"\n")
    return path


if __name__ == "__main__":
    raise SystemExit(main())
