"""The archives that imports are measured on: those that are given, or one made of the corpus."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from filling_texts import corpus_texts

GZIP_MAGIC = b"\x1f\x8b"
MADE_MESSAGES = 2000


def archives(arguments: Sequence[str], folder: Path) -> list[Path]:
    """Paths given as arguments or in MOOTHALL_BENCH_ARCHIVES, separated by colons; else a made one, kept in `folder`.

    The variable is taken out of the environment, where a strict installation would refuse it.
    """
    named = os.environ.pop("MOOTHALL_BENCH_ARCHIVES", "").split(":")
    given = [Path(name) for name in arguments or named if name]
    missing = [str(path) for path in given if not path.is_file()]
    if missing:
        raise SystemExit(f"There is no archive {', '.join(missing)}. Name mbox files, plain or gzip.")
    return given or [made_archive(folder)]


def is_gzip(archive: Path) -> bool:
    with archive.open("rb") as file:
        return file.read(len(GZIP_MAGIC)) == GZIP_MAGIC


def plain(archive: Path, folder: Path) -> Path:
    """The archive uncompressed."""
    if not is_gzip(archive):
        return archive
    path = folder / archive.name.removesuffix(".gz")
    with gzip.open(archive, "rb") as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)
    return path


def many_times(archive: Path, folder: Path, times: int) -> Path:
    """The archive several times over, each time with message ids and addresses of its own."""
    with (gzip.open if is_gzip(archive) else open)(archive, "rb") as source:
        data = source.read()
    path = folder / f"{archive.name} x{times}"
    with path.open("wb") as target:
        for n in range(times):
            target.write(data.replace(b"@", b"@%d." % n) if n else data)
            target.write(b"\n")
    return path


def made_archive(folder: Path) -> Path:
    """Mails of the corpus in conversations; one of them has 200 messages."""
    path = folder / "corpus.mbox"
    with path.open("wb") as target:
        for n, (title, text) in enumerate(corpus_texts()[:MADE_MESSAGES]):
            answered = _answered(n)
            mail = EmailMessage()
            mail["From"] = f"Member {n % 90} <m{n % 90}@list.example>"
            mail["Subject"] = title if answered is None else f"Re: {title}"
            mail["Date"] = format_datetime(datetime(2012, 1, 1, tzinfo=UTC) + timedelta(hours=n))
            mail["Message-ID"] = f"<{n}@list.example>"
            if answered is not None:
                mail["In-Reply-To"] = f"<{answered}@list.example>"
            mail.set_content(text)
            target.write(b"From m@list.example Sun Jan  1 00:00:00 2012\n")
            BytesGenerator(target, mangle_from_=True).flatten(mail)
            target.write(b"\n")
    return path


def _answered(n: int) -> int | None:
    """Which message the n-th answers: the first 200 are one conversation, then every third answers the one before."""
    if 0 < n < 200:
        return n - 1 - n % 7 if n > 7 else 0
    return n - 1 if n > 200 and n % 3 == 0 else None
