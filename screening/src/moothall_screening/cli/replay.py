"""Go through labelled posts in order, as a group would: judge each one, then teach its label at once.

Says for every tenth of the posts what the frozen judge and the taught one got wrong. A share of the posts can be left
without feedback by --feedback.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from moothall_screening.evaluation import headline
from moothall_screening.labelled import read_rows
from moothall_screening.replay import replay
from moothall_screening.screener import Screener

_PARTS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="labelled JSON Lines, oldest first")
    parser.add_argument("--feedback", type=float, default=1.0, help="share of the posts that are decided on")


def run(options: argparse.Namespace) -> int:
    frozen, taught = replay(Screener(options.weights), read_rows(options.file), feedback=options.feedback)
    count = len(taught.rows)
    for part in range(_PARTS):
        places = range(part * count // _PARTS, (part + 1) * count // _PARTS)
        wrong = [sum(found.labels[places] != (found.chances[places] >= 0.5)) for found in (frozen, taught)]
        print(f"posts {places.start + 1:6} to {places.stop:6}: wrong before teaching {wrong[0]:5}, after {wrong[1]:5}")
    half = range(count // 2, count)
    print(headline("second half, frozen", frozen.at(half)))
    print(headline("second half, taught", taught.at(half)))
    return 0
