"""Losses of the sentence model, and the loop that minimises them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from moothall_screening.sentence_pieces import Cutter, Pieces, batch_of
from moothall_screening.training.sentence_encoder import Reading, SentenceModel
from moothall_screening.training.sentence_rows import UNKNOWN, Row, Stream

logger = logging.getLogger(__name__)

# The cost grows with length, so most texts are cut short, to one of these lengths; a share is read long.
LENGTHS, LENGTH_SHARES = (72, 120, 240), (0.35, 0.5, 0.15)
CHUNK_GROUPS = 320
BATCH_PIECES = 2048
FROZEN_LAYERS = 4
SMOOTHING = 0.05
ENCODER_RATE, HEAD_RATE = 1.4e-4, 1e-3
LAYER_DECAY = 0.9
WARM_UP_STEPS = 50
# Weights of the losses beside promotion's 1.
KIND_WEIGHT, FIT_WEIGHT, PITCH_WEIGHT, PAIR_WEIGHT, LIKENESS_WEIGHT = 0.5, 0.5, 0.4, 0.4, 0.15
PAIR_MARGIN = 2.0
LIKENESS_SCALE = 20.0
THREADS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train, in chunks of 320 groups.

    Each cycle is (the chunk before which it ends, over how many of its last chunks the rate falls);
    at the next one's start the rate is full again.
    """

    cycles: tuple[tuple[int, int], ...]
    seed: int

    @property
    def chunks(self) -> int:
        return self.cycles[-1][0]

    def rate(self, chunk: int, step: int) -> float:
        """The share of the full rate at a step of a chunk."""
        end, cooling = next(cycle for cycle in self.cycles if chunk < cycle[0])
        return min(1.0, step / WARM_UP_STEPS, (end - chunk) / (cooling + 1))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row in pieces, and which of the text's pieces carry the pitch, float32 `(n,)`."""

    row: Row
    segments: list[list[int]]
    pitch: np.ndarray[tuple[int], np.dtype[np.float32]]

    @property
    def length(self) -> int:
        return sum(len(segment) for segment in self.segments)


class Preparer:
    """Cuts rows into pieces; of a long text a window, which holds the pitch where that is known."""

    def __init__(self, cutter: Cutter, rng: Random) -> None:
        self.cutter = cutter
        self.rng = rng

    def prepare(self, row: Row) -> Prepared:
        lead = f"{row.subject}\n" if row.subject else ""
        pieces = self.cutter.cut(lead + row.text)
        marks = marked_pieces(row, len(lead), pieces)
        (limit,) = self.rng.choices(LENGTHS, LENGTH_SHARES)
        if row.is_promotion and not row.knows_pitch:
            limit = max(limit, LENGTHS[1])
        pieces, marks = self.shorten(row, pieces, marks, limit)
        segments = self.cutter.row(pieces, self.cutter.purpose(row.purpose), self.cutter.parent(row.parent))
        return Prepared(row, segments, marks)

    def shorten(
        self, row: Row, pieces: Pieces, marks: np.ndarray[tuple[int], np.dtype[np.float32]], limit: int
    ) -> tuple[Pieces, np.ndarray[tuple[int], np.dtype[np.float32]]]:
        spare = len(pieces) - limit
        if spare <= 0:
            return pieces, marks
        if marks.any():
            at = int(marks.argmax()) - self.rng.randint(10, limit // 2)
        elif row.is_promotion and not row.knows_pitch:
            half = limit // 2
            kept = np.r_[0:half, len(pieces) - (limit - half) : len(pieces)]
            return Pieces(pieces.ids[kept], pieces.spans[kept]), marks[kept]
        else:
            at = self.rng.choice([0, 0, self.rng.randint(0, spare)])
        at = min(max(at, 0), spare)
        return pieces.window(at, limit), marks[at : at + limit]


def marked_pieces(row: Row, shift: int, pieces: Pieces) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    marks = np.zeros(len(pieces), np.float32)
    at = shift
    for part in row.parts:
        end = at + len(part.text)
        if part.is_pitch:
            marks[(pieces.spans[:, 0] < end) & (pieces.spans[:, 1] > at)] = 1
        at = end
    return marks


def batches(groups: list[list[Prepared]], rng: Random) -> Iterator[list[Prepared]]:
    """Batches of about equal length, contrast sets unbroken, in random order."""
    groups = sorted(groups, key=lambda group: max(row.length for row in group))
    filled: list[list[Prepared]] = [[]]
    for group in groups:
        longest = max(row.length for row in group)
        if filled[-1] and (len(filled[-1]) + len(group)) * longest > BATCH_PIECES:
            filled.append([])
        filled[-1].extend(group)
    return iter(rng.sample(filled, len(filled)))


def set_gradients(model: SentenceModel, batch: list[Prepared], lead: int, pool: ThreadPoolExecutor) -> float:
    """Set every weight's gradient of the batch's loss, each thread taking a part of the rows; return the loss.

    The loss is of the whole batch. Where other work keeps the cores busy this takes half the time of
    PyTorch's own threads, which wait for each other after every product of matrices.
    """
    arrays = batch_of([prepared.segments for prepared in batch])
    parts = [torch.from_numpy(a).tensor_split(THREADS) for a in (arrays.pieces, arrays.places, arrays.segments)]
    readings = list(pool.map(lambda part: read_part(model, *part), zip(*parts, strict=True)))
    whole = Reading(*(torch.cat(outputs).detach().requires_grad_() for outputs in zip(*readings, strict=True)))
    loss = loss_of(whole, batch, lead)
    loss.backward()  # type: ignore[no-untyped-call]
    slopes = [torch.zeros_like(output) if output.grad is None else output.grad for output in whole]
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    shares = zip(*(slope.tensor_split(THREADS) for slope in slopes), strict=True)
    gradients = list(
        pool.map(lambda reading, share: torch.autograd.grad(reading, weights, share), readings, shares),
    )
    for weight, found in zip(weights, zip(*gradients, strict=True), strict=True):
        weight.grad = torch.stack(found).sum(0)
    return loss.item()


def read_part(model: SentenceModel, pieces: Tensor, places: Tensor, segments: Tensor) -> Reading:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        reading: Reading = model(pieces, places, segments)
    return reading


def loss_of(reading: Reading, batch: list[Prepared], lead: int) -> Tensor:
    rows = [prepared.row for prepared in batch]
    loss = promotion_loss(reading, rows) + KIND_WEIGHT * kind_loss(reading, rows)
    loss = loss + FIT_WEIGHT * fit_loss(reading, rows) + LIKENESS_WEIGHT * likeness_loss(reading, rows)
    return loss + PITCH_WEIGHT * pitch_loss(reading, batch, lead) + PAIR_WEIGHT * pair_loss(reading, rows)


def promotion_loss(reading: Reading, rows: list[Row]) -> Tensor:
    aim = torch.tensor([float(row.is_promotion) for row in rows]) * (1 - 2 * SMOOTHING) + SMOOTHING
    return functional.binary_cross_entropy_with_logits(reading.promotion, aim)


def kind_loss(reading: Reading, rows: list[Row]) -> Tensor:
    known = [i for i, row in enumerate(rows) if row.kind != UNKNOWN]
    if not known:
        return reading.kinds.sum() * 0
    aim = torch.tensor([rows[i].kind for i in known])
    share = len(known) / len(rows)
    return share * functional.cross_entropy(reading.kinds[known], aim, label_smoothing=SMOOTHING)


def fit_loss(reading: Reading, rows: list[Row]) -> Tensor:
    known = [i for i, row in enumerate(rows) if row.fits != UNKNOWN and row.purpose]
    if not known:
        return reading.fit.sum() * 0
    aim = torch.tensor([float(rows[i].fits) for i in known]) * (1 - 2 * SMOOTHING) + SMOOTHING
    share = len(known) / len(rows)
    return share * functional.binary_cross_entropy_with_logits(reading.fit[known], aim)


def likeness_loss(reading: Reading, rows: list[Row]) -> Tensor:
    """Each fitting text against the purposes of the whole batch (InfoNCE, van den Oord et al. 2018)."""
    asked = [i for i, row in enumerate(rows) if row.fits == 1 and row.purpose]
    named = [i for i, row in enumerate(rows) if row.purpose]
    if not asked or len(named) < 3:
        return reading.embedding.sum() * 0
    likeness = LIKENESS_SCALE * reading.embedding[asked] @ reading.purpose_embedding[named].T
    same = torch.tensor([[i != j and rows[i].purpose == rows[j].purpose for j in named] for i in asked])
    aim = torch.tensor([named.index(i) for i in asked])
    share = len(asked) / len(rows)
    return share * functional.cross_entropy(likeness.masked_fill(same, -1e4), aim)


def pitch_loss(reading: Reading, batch: list[Prepared], lead: int) -> Tensor:
    losses = []
    for i, prepared in enumerate(batch):
        if prepared.row.knows_pitch and len(prepared.pitch):
            found = reading.pitch[i, lead : lead + len(prepared.pitch)]
            aim = torch.from_numpy(prepared.pitch) * (1 - 2 * SMOOTHING) + SMOOTHING
            losses.append(functional.binary_cross_entropy_with_logits(found, aim))
    return torch.stack(losses).sum() / len(batch) if losses else reading.pitch.sum() * 0


def pair_loss(reading: Reading, rows: list[Row]) -> Tensor:
    """A margin between the advert and the genuine version of one post."""
    losses = [
        functional.softplus(PAIR_MARGIN - reading.promotion[i] + reading.promotion[j])
        for i, advert in enumerate(rows)
        for j, genuine in enumerate(rows)
        if advert.pair and advert.pair == genuine.pair and advert.is_promotion and not genuine.is_promotion
    ]
    return torch.stack(losses).sum() / len(rows) if losses else reading.promotion.sum() * 0


def optimiser_of(model: SentenceModel) -> torch.optim.AdamW:
    """AdamW, with lower rates for lower layers; the lowest are frozen, and so are the word pieces."""
    groups = []
    for number, layer in enumerate(model.layers):
        layer.requires_grad_(number >= FROZEN_LAYERS)
        rate = ENCODER_RATE * LAYER_DECAY ** (len(model.layers) - 1 - number)
        if number >= FROZEN_LAYERS:
            groups.append({"params": list(layer.parameters()), "full": rate})
    for part in (model.places, model.first_norm):
        part.requires_grad_(False)
    heads = [model.to_pitch, model.to_kinds, model.to_promotion, model.to_fit]
    groups.append({"params": [p for head in heads for p in head.parameters()], "full": HEAD_RATE})
    groups.append({"params": [model.to_embedding.weight, model.to_embedding.bias], "full": ENCODER_RATE})
    groups.append({"params": [model.segments.weight], "full": ENCODER_RATE})
    groups.append({"params": [model.likeness], "full": HEAD_RATE, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, lr=ENCODER_RATE, weight_decay=0.01)


def train(model: SentenceModel, cutter: Cutter, stream: Stream, plan: Plan, checkpoint: Path) -> None:
    """Train by the plan; after each chunk the state is kept in `checkpoint`, from which a later call goes on."""
    optimiser = optimiser_of(model)
    done, step = resume(model, optimiser, checkpoint)
    source = iter(stream)
    with ThreadPoolExecutor(THREADS) as pool:
        for chunk in range(plan.chunks):
            groups = list(islice(source, CHUNK_GROUPS))
            if chunk < done:
                continue
            losses = []
            for batch in batches_of_chunk(groups, cutter, Random(f"{plan.seed} {chunk}")):  # noqa: S311
                step += 1
                set_rates(optimiser, plan.rate(chunk, step))
                losses.append(set_gradients(model, batch, cutter.lead, pool))
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimiser.step()
            keep(model, optimiser, chunk + 1, step, checkpoint)
            logger.info("chunk %d of %d, step %d, loss %.3f", chunk + 1, plan.chunks, step, np.mean(losses))


def batches_of_chunk(groups: list[list[Row]], cutter: Cutter, rng: Random) -> Iterator[list[Prepared]]:
    preparer = Preparer(cutter, rng)
    return batches([[preparer.prepare(row) for row in group] for group in groups], rng)


def set_rates(optimiser: torch.optim.Optimizer, share: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = group["full"] * share


def keep(model: SentenceModel, optimiser: torch.optim.Optimizer, chunks: int, step: int, path: Path) -> None:
    unfinished = path.with_suffix(".part")
    torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "at": (chunks, step)}, unfinished)
    unfinished.replace(path)


def resume(model: SentenceModel, optimiser: torch.optim.Optimizer, path: Path) -> tuple[int, int]:
    """Load a checkpoint if there is one; chunks and steps already done."""
    if not path.exists():
        return 0, 0
    kept = torch.load(path, weights_only=True)
    model.load_state_dict(kept["model"])
    optimiser.load_state_dict(kept["optimiser"])
    chunks, step = kept["at"]
    return int(chunks), int(step)
