"""Measure the judge on labelled posts, or one of its other promises.

FILE is JSON Lines, plain or gzipped, in the corpus's format or in that of the public sets (`kind`, or else `label`).
`--transfer FOLDER` takes a folder of the public sets instead and measures on each by name, with a model that saw no
row of it: where a set was trained on, the model is trained again without it (this needs the extra `train`).
Each figure comes with the number of its rows; figures in square brackets bound 95% of draws over whole groups.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from moothall_screening.cli.optional import training_module
from moothall_screening.evaluation import headline, judged, report
from moothall_screening.faithfulness import deletion_test, pitch_agreement
from moothall_screening.labelled import read_rows
from moothall_screening.measures import reliability
from moothall_screening.measuring import copies, disguised, fit, hostile, speed
from moothall_screening.measuring.own_posts import own_posts
from moothall_screening.reliability_plot import svg
from moothall_screening.screener import Screener


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, help="labelled posts")
    what.add_argument("--transfer", type=Path, metavar="FOLDER", help="a folder of the public sets")
    what.add_argument("--own-posts", type=Path, metavar="FOLDER", help="the same, each taught by its own other posts")
    what.add_argument("--fit", type=Path, metavar="FOLDER", help="the same folder: own communities against others")
    what.add_argument("--duplicates", type=Path, metavar="FILE", help="keys of its promotions after rewording")
    what.add_argument("--disguised", type=Path, metavar="FILE", help="its posts once their letters were disguised")
    what.add_argument("--robust", action="store_true", help="the worst time over hostile texts of 64 kB")
    what.add_argument("--speed", type=Path, metavar="FILE", help="posts a CPU-second, single calls, loading")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="folder of the corpus, for --transfer")
    parser.add_argument("--plot", type=Path, help="write a reliability plot (SVG) of FILE here")


def run(options: argparse.Namespace) -> int:
    for line in _lines(options):
        print(line, flush=True)
    return 0


def _lines(options: argparse.Namespace) -> Iterator[str]:
    if options.robust:
        return hostile.report(options.weights)
    if options.speed:
        return speed.report(options.weights, read_rows(options.speed))
    screener = Screener(options.weights)
    if options.fit:
        return fit.report(screener, options.fit)
    if options.duplicates:
        return copies.report(screener, read_rows(options.duplicates))
    if options.disguised:
        return disguised.report(screener, read_rows(options.disguised))
    if options.own_posts:
        return (headline(name, found) for name, found in own_posts(screener, options.own_posts))
    if options.transfer:
        measured = training_module("transfer").transfer(screener, options.corpus, options.transfer)
        return (headline(name, found) for name, found in measured)
    return _labelled(screener, options.file, options.plot)


def _labelled(screener: Screener, file: Path, plot: Path | None) -> Iterator[str]:
    rows = read_rows(file)
    verdicts = screener.screen_many([row.candidate for row in rows])
    found = judged(rows, verdicts)
    yield from report(found)
    lowered, tested = deletion_test(screener, rows, verdicts)
    yield f"removing the marked sentence lowers the log-odds most in {lowered} of {tested} posts read as offers"
    if any(row.pitch for row in rows):
        yield f"marked sentences against the writers' own marks, F1: {pitch_agreement(rows, verdicts):.3f}"
    if plot:
        plot.write_text(svg(reliability(found.labels, found.chances), title=file.name), encoding="utf-8")
