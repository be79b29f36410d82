"""Judge posts: one JSON object in, one JSON object out.

Reads JSON Lines (`id, subject, text, parent, group, group_purpose, rules`; only `text` is required), mbox or plain
text, from files or standard input. A line that cannot be read gives an object with its file, its number and what to
do about it, and the run goes on; the exit status is then 1. So does a file that vanishes, without a number.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from moothall_screening.cli import asking
from moothall_screening.cli.telling import for_people, for_programs, shows_colours
from moothall_screening.inputs import BadLine, candidates
from moothall_screening.screener import Screener
from moothall_screening.verdict import Candidate, Verdict

_PROGRESS_EVERY = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", type=Path, help="files to read; none for standard input")
    parser.add_argument("--explain", action="store_true", help="tell people instead of programs")
    asking.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    for file in options.files:
        if not file.is_fifo():
            file.open("rb").close()  # one that is missing is said before the others are judged
    screener = Screener(options.weights, second_opinion=asking.end_point(options))
    tell = for_people(coloured=shows_colours(sys.stdout)) if options.explain else for_programs
    bad = 0
    for done, (said, is_bad) in enumerate(_said(screener, _items(options.files), tell), start=1):
        bad += is_bad
        print(said)
        if done % _PROGRESS_EVERY == 0 and sys.stderr is not None and sys.stderr.isatty():  # None: it was closed
            print(f"{done} posts judged", end="\r", file=sys.stderr, flush=True)
    return 1 if bad else 0


def _items(files: list[Path]) -> Iterator[Candidate | BadLine]:
    if not files and sys.stdin is not None:  # None: it was closed
        yield from candidates(sys.stdin.buffer)
    for file in files:
        try:
            yield from _items_of(file)
        except OSError as error:  # it vanished meanwhile, or its disk did: what was read of it and others is judged
            yield BadLine(0, f"this file cannot be read any further ({error.strerror})", str(file))


def _items_of(file: Path) -> Iterator[Candidate | BadLine]:
    with file.open("rb") as lines:
        for item in candidates(lines):
            yield replace(item, file=str(file)) if isinstance(item, BadLine) else item


def _said(
    screener: Screener, items: Iterable[Candidate | BadLine], tell: Callable[[Candidate, Verdict], str]
) -> Iterator[tuple[str, bool]]:
    """What to print, and whether it is of a bad line; good ones that follow each other are judged together."""
    for is_bad, run_of in groupby(items, key=lambda item: isinstance(item, BadLine)):
        if is_bad:
            for item in run_of:
                if isinstance(item, BadLine):
                    yield json.dumps(_of_bad(item), ensure_ascii=False), True
        else:
            for verdict, candidate in screener.stream_pairs(item for item in run_of if isinstance(item, Candidate)):
                yield tell(candidate, verdict), False


def _of_bad(item: BadLine) -> dict[str, object]:
    said = {"file": item.file, "line": item.line, "error": item.error}
    return {name: value for name, value in said.items() if value}
