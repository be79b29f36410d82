"""Measure the judge on labelled posts.

FILE is JSON Lines, plain or gzipped, in the corpus's format or in that of the public sets (`kind`, or else `label`).
`--transfer FOLDER` takes a folder of the public sets instead and measures on each by name, with a model that saw no
row of it: where a set was trained on, the model is trained again without it (this needs the extra `train`).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from moothall_screening.cli.optional import training_module
from moothall_screening.evaluation import headline, judged, report
from moothall_screening.faithfulness import deletion_test, pitch_agreement
from moothall_screening.labelled import read_rows
from moothall_screening.measures import reliability
from moothall_screening.reliability_plot import svg
from moothall_screening.screener import Screener


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path)
    what.add_argument("--transfer", type=Path, metavar="FOLDER", help="a folder of the public sets")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="folder of the corpus, for --transfer")
    parser.add_argument("--plot", type=Path, help="write a reliability plot (SVG) here")


def run(options: argparse.Namespace) -> int:
    if options.transfer:
        for name, found in training_module("transfer").transfer(
            Screener(options.weights), options.corpus, options.transfer
        ):
            print(headline(name, found), flush=True)
        return 0
    rows = read_rows(options.file)
    screener = Screener(options.weights)
    verdicts = screener.screen_many([row.candidate for row in rows])
    found = judged(rows, verdicts)
    print("\n".join(report(found)))
    lowered, tested = deletion_test(screener, rows, verdicts)
    print(f"removing the marked sentence lowers the log-odds most in {lowered} of {tested} posts read as offers")
    if any(row.pitch for row in rows):
        print(f"marked sentences against the writers' own marks, F1: {pitch_agreement(rows, verdicts):.3f}")
    if options.plot:
        drawn = svg(reliability(found.labels, found.chances), title=options.file.name)
        options.plot.write_text(drawn, encoding="utf-8")
    return 0
