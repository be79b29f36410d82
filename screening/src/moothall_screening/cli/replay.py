"""Go through labelled posts in order, as a group would: judge each one, then teach its label at once.

Says for every tenth of the posts what the frozen judge and the taught one got wrong, and measures both on the second
half; figures in square brackets bound 95% of draws over posts. `--wrong 0.05` goes through the posts once more with
one decision in twenty turned round, for what mistakes and ill will can do.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from moothall_screening.evaluation import Judged
from moothall_screening.labelled import read_rows
from moothall_screening.measures import auc, calibration_error, interval, recall_at_false_alarms
from moothall_screening.replay import Teaching, frozen, stream, taught
from moothall_screening.screener import Screener

_PARTS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, help="labelled JSON Lines, oldest first")
    parser.add_argument("--feedback", type=float, default=1.0, help="share of the posts that are decided on")
    parser.add_argument(
        "--wrong", type=float, default=0.0, help="share of the decisions that are wrong, to be compared"
    )
    parser.add_argument("--one-group", action="store_true", help="as if all posts stood in one group")
    parser.add_argument("--shuffled", action="store_true", help="in random order, where a set has no order of time")


def run(options: argparse.Namespace) -> int:
    screener = Screener(options.weights)
    read = [row for file in options.files for row in read_rows(file)]
    rows = stream(read, in_one_group=options.one_group, shuffled=options.shuffled)
    found = {"frozen": frozen(screener, rows), "taught": taught(screener, rows, Teaching(options.feedback))}
    if options.wrong:
        told = f"taught, {options.wrong:.0%} wrong"
        found[told] = taught(screener, rows, Teaching(options.feedback, options.wrong))
    for line in (*_errors(found["frozen"], found["taught"]), *_second_half(found)):
        print(line)
    return 0


def _errors(before: Judged, after: Judged) -> Iterator[str]:
    count = len(before.rows)
    for part in range(_PARTS):
        places = range(part * count // _PARTS, (part + 1) * count // _PARTS)
        if not places:
            continue
        wrong = [sum(found.labels[places] != (found.chances[places] >= 0.5)) for found in (before, after)]
        yield f"posts {places.start + 1:6} to {places.stop:6}: wrong before teaching {wrong[0]:5}, after {wrong[1]:5}"


def _second_half(measured: Mapping[str, Judged]) -> Iterator[str]:
    for name, found in measured.items():
        half = found.at(range(len(found.rows) // 2, len(found.rows)))
        labels, posts = half.labels, np.arange(len(half.rows))
        yield f"second half, {name}: {len(labels)} posts, {labels.sum()} promotions"
        for told, measure in (
            ("AUC", auc),
            ("recall at 1% wrongly stopped", recall_at_false_alarms),
            ("calibration error", calibration_error),
        ):
            yield f"  {told:30} {interval(measure, labels, half.chances, posts)}"
