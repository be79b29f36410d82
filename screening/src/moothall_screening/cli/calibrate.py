"""Fit the judge's chances to labelled posts of your own, leaving its ranking as it is.

Writes a folder to be used with --weights. A few hundred posts with both labels are wanted.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from shutil import copytree

import numpy as np

from moothall_screening import closer, stack, weights
from moothall_screening.calibration import fitted, recalibrated
from moothall_screening.labelled import read_rows
from moothall_screening.measures import calibration_error
from moothall_screening.screener import Screener


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="labelled JSON Lines")
    parser.add_argument("--to", type=Path, required=True, help="folder to write to")


def run(options: argparse.Namespace) -> int:
    rows = read_rows(options.file)
    screener = Screener(options.weights)
    if not screener.reads_closely and (options.to / stack.FILE).exists():
        raise SentenceModelThereError(options.to)
    verdicts = screener.screen_many([row.candidate for row in rows])
    said = np.array([verdict.log_odds for verdict in verdicts])
    labels = np.array([row.is_promotion for row in rows])
    slope, intercept = fitted(said, labels)
    judge, facts = weights.load(options.weights)
    weights.save(options.to, judge, recalibrated(facts, slope, intercept))
    if screener.reads_closely:
        stack.save(options.to, stack.load(options.weights).recalibrated(slope, intercept))
        if not options.to.samefile(options.weights):
            copytree(options.weights / closer.FOLDER, options.to / closer.FOLDER, dirs_exist_ok=True)
    before, after = (calibration_error(labels, 1 / (1 + np.exp(-odds))) for odds in (said, said * slope + intercept))
    print(f"calibration error {before:.3f} before, {after:.3f} after; wrote {options.to}")
    return 0


class SentenceModelThereError(ValueError):
    """What it adds was fitted to other chances than those that would be written beside it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds a sentence model, which would not fit any more: name another folder")
