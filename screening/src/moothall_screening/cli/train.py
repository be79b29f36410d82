"""Fit new weights from the corpus and, if given, public sets of open licence.

The shipped weights are what `moothall-screen train --corpus corpus --open-sets FOLDER` writes; a fixed seed makes the
run repeatable.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from moothall_screening import weights
from moothall_screening.cli.optional import training_module
from moothall_screening.labelled import OPEN_SETS, read_open_set, read_rows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="folder with train.jsonl")
    parser.add_argument("--open-sets", type=Path, metavar="FOLDER", help=f"folder with {', '.join(OPEN_SETS)}")
    parser.add_argument("--to", type=Path, default=weights.PACKAGED, help="folder to write to")
    parser.add_argument("--version-name", default="fast-1", help="stored with every verdict")


def run(options: argparse.Namespace) -> int:
    rows = read_rows(options.corpus / "train.jsonl")
    if options.open_sets:
        for name in OPEN_SETS:
            rows += read_open_set(options.open_sets, name)
    print(f"fitting {len(rows)} posts", flush=True)
    weights.save(options.to, *training_module("recipe").train(rows, version=options.version_name))
    print(f"wrote {options.to}")
    return 0
