"""`moothall import mbox FILE --group NAME`: a mailing list's archive becomes a group's conversations."""

from __future__ import annotations

import gc
import json
import signal
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from types import FrameType

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from moothall.cli.import_picture import picture
from moothall.cli.main import INTERRUPTED
from moothall.core.mbox import estimate_total, iterate_mbox
from moothall.groups.models import Group
from moothall.posting.import_report import ImportReport
from moothall.posting.importing import Import

# First bytes of what people have in place of an mbox file.
PACKED = {
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7-Zip",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"Rar!": "RAR",
}


class Command(BaseCommand):
    help = "Imports a mailing list's archive (mbox, plain or gzip) into a group. Safe to run again and to interrupt."
    # They load every page and form of the site, of which an import needs none.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--group", required=True, help="The group's name, or the last part of its address")
        parser.add_argument("--json", action="store_true", help="Print the report as one JSON object")

    def handle(self, *, file: Path, group: str, json: bool, **options: object) -> None:
        _check(file)
        run = Import(_group(group))
        # What is loaded by now stays; looking through it at each collection took 5% of the time.
        gc.freeze()
        console = Console(stderr=True)
        total = estimate_total(file)
        with Progress(
            TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[done]} messages"),
            TimeRemainingColumn(), console=console, disable=json, auto_refresh=False,
        ) as progress:  # fmt: skip
            task = progress.add_task(file.name, total=total, done=0)
            with closing(run.run(iterate_mbox(file))) as steps, _ctrl_c_noted() as is_stopped:
                for last in steps:
                    progress.update(task, completed=last.consumed_bytes, done=last.position, refresh=True)
                    if is_stopped.is_set():
                        steps.close()
                        progress.stop()
                        self.stderr.write(_stopped(run.report))
                        raise SystemExit(INTERRUPTED)
            progress.update(task, completed=total, done=run.report.messages, refresh=True)
        if not run.report.messages:
            raise CommandError(_why_nothing(file))
        if json:
            self.stdout.write(_as_json(run.report))
        else:
            _print(run.report, Console())


@contextmanager
def _ctrl_c_noted() -> Iterator[Event]:
    """To be heeded between two batches, since it would spoil the connection in mid-query. A second ends all at once."""
    noted = Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        noted.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


def _check(file: Path) -> None:
    try:
        if file.is_dir():
            raise CommandError(f"{file} is a folder. Name the mbox file in it.")
        if not file.exists():
            raise CommandError(f"There is no file {file}.")
        if not file.is_file():
            raise CommandError(f"{file} is no file that can be read from its beginning again. Save it as one first.")
        file.open("rb").close()
    except OSError as error:
        raise CommandError(f"The file can't be read: {error.strerror}.") from error


def _why_nothing(file: Path) -> str:
    with file.open("rb") as opened:
        head = opened.read(8)
    if not head:
        return f"{file} is empty."
    if packed := next((name for mark, name in PACKED.items() if head.startswith(mark)), None):
        return f"{file} is packed ({packed}). Unpack it first: an archive is read plain or as gzip."
    return (
        f"There is no mail in {file}. An archive is an mbox file, plain or gzip, in which each mail begins with a line"
        " ‘From …’ and its header."
    )


def _stopped(report: ImportReport) -> str:
    return (
        f"Stopped. {report.imported} messages were imported and stay; run the same command again for the rest, and for"
        " the report."
    )


def _group(name: str) -> Group:
    found = Group.objects.filter(slug=name).first() or Group.objects.filter(name__iexact=name).first()
    if found is None:
        names = ", ".join(Group.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
        raise CommandError(
            f"There is no group ‘{name}’. Found it on the site first (Groups, Found a group), so that it has a stated"
            f" interest and an owner. Groups here: {names}."
        )
    return found


def _as_json(report: ImportReport) -> str:
    return json.dumps(report.as_json(), ensure_ascii=False)


def _print(report: ImportReport, console: Console) -> None:
    console.print(
        f"{report.messages} messages read: {report.imported} imported into {report.topics} new conversations"
        f" by {report.members} new members, {report.skipped.total()} skipped."
    )
    if report.not_shown:
        console.print(
            f"{report.not_shown} of them are kept and not shown, since the conversations they answer are not."
        )
    for title, counts in (("Skipped, and why", +report.skipped), ("Mended on the way", +report.troubles)):
        if counts:
            table = Table("what", "messages", title=title)
            for name, count in counts.most_common():
                table.add_row(name, str(count))
            console.print(table)
    _print_adverts(report, console)


def _print_adverts(report: ImportReport, console: Console) -> None:
    if not report.months:
        return
    table = Table("month", "posts", "read as adverts", "", title="What the screening makes of it")
    for name, month in sorted(report.months.items()):
        table.add_row(name, str(month.posts), str(month.adverts), "▇" * min(month.adverts, 40))
    table.add_row("all", str(report.imported), str(report.adverts), "")
    console.print(table)
    file = settings.DATA / "reports" / f"import-{report.group}.svg"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(picture(report), encoding="utf-8")
    console.print(f"The same as a picture: {file}", markup=False, soft_wrap=True)
