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

from moothall_screening.sentence_pieces import Cutter, Pieces
from moothall_screening.training.sentence_batch import batch_of
from moothall_screening.training.sentence_encoder import Reading, SentenceModel
from moothall_screening.training.sentence_rows import UNKNOWN, Row, Stream

logger = logging.getLogger(__name__)

# The cost grows with length, so most texts are cut short, to one of these lengths; a share is read long.
LENGTHS, LENGTH_SHARES = (72, 120, 240), (0.35, 0.5, 0.15)
CHUNK_GROUPS = 320
BATCH_PIECES = 4096
FROZEN_LAYERS = 4
SMOOTHING = 0.05
ENCODER_RATE, HEAD_RATE = 2e-4, 1e-3
LAYER_DECAY = 0.9
WARM_UP_STEPS = 100
# Weights of the losses beside promotion's 1.
KIND_WEIGHT, FIT_WEIGHT, PITCH_WEIGHT, PAIR_WEIGHT, LIKENESS_WEIGHT = 1.0, 0.8, 0.4, 0.4, 0.15
PAIR_MARGIN = 2.0
LIKENESS_SCALE = 20.0
# How far each row's states below the first layer are pushed against the model, as the length of the whole push;
# the states themselves are about 100 long. At 3 quality falls, at 8 it is gone.
PUSH = 1.0
# What stands for "cannot be chosen" among likenesses; finite, since a row may have nothing to choose from.
NOT_ASKED = -1e4
THREADS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train, in chunks of 320 groups; over the last `cooling` of them the rate falls to nothing."""

    chunks: int
    cooling: int
    seed: int

    def rate(self, chunk: int, step: int) -> float:
        """The share of the full rate at a step of a chunk."""
        return min(1.0, step / WARM_UP_STEPS, (self.chunks - chunk) / (self.cooling + 1))


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


@dataclass(frozen=True, slots=True)
class Aims:
    """What a batch of n rows should be read as, and what of it is known; on the model's device.

    `purposes` numbers the distinct purposes, -1 for none; `pitch` is float32 `(n, length)`, -1 where unknown;
    `adverts` and `genuine` are the places of the versions of contrast sets that are held against each other.
    """

    promotion: Tensor
    kinds: Tensor
    fits: Tensor
    purposes: Tensor
    pitch: Tensor
    adverts: Tensor
    genuine: Tensor

    @staticmethod
    def of(batch: list[Prepared], lead: int, length: int, device: torch.device) -> Aims:
        rows = [prepared.row for prepared in batch]
        pitch = torch.full((len(rows), length), -1.0)
        for i, prepared in enumerate(batch):
            if prepared.row.knows_pitch:
                pitch[i, lead : lead + len(prepared.pitch)] = torch.from_numpy(prepared.pitch)
        numbers: dict[str, int] = {}
        pairs = [
            (i, j)
            for i, advert in enumerate(rows)
            for j, genuine in enumerate(rows)
            if advert.pair and advert.pair == genuine.pair and advert.is_promotion and not genuine.is_promotion
        ]
        return Aims(
            torch.tensor([float(row.is_promotion) for row in rows], device=device),
            torch.tensor([row.kind for row in rows], device=device),
            torch.tensor([row.fits if row.purpose else UNKNOWN for row in rows], device=device),
            torch.tensor(
                [numbers.setdefault(row.purpose, len(numbers)) if row.purpose else -1 for row in rows], device=device
            ),
            pitch.to(device),
            torch.tensor([i for i, _ in pairs], dtype=torch.long, device=device),
            torch.tensor([j for _, j in pairs], dtype=torch.long, device=device),
        )


def set_gradients(model: SentenceModel, batch: list[Prepared], lead: int, pool: ThreadPoolExecutor) -> float:
    """Set every weight's gradient of the batch's loss, as it is and once more pushed against; return the first loss.

    The push is the direction in which the states below the first layer raise the loss fastest (Miyato et al. 2017,
    arXiv:1605.07725): a model that holds out against it leans less on single words.
    On a CPU each thread takes a part of the rows, and the loss is of the whole batch: where other work keeps the
    cores busy this takes half the time of PyTorch's own threads, which wait for each other after every product.
    """
    arrays = batch_of([prepared.segments for prepared in batch])
    device = model.places.weight.device
    pieces, places, segments = (torch.from_numpy(a).to(device) for a in (arrays.pieces, arrays.places, arrays.segments))
    aims = Aims.of(batch, lead, pieces.shape[1], device)
    with torch.no_grad():
        states = model.begin(pieces, places)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    loss, gradients, slope = gradients_at(model, states.requires_grad_(), segments, aims, weights, pool)
    push = PUSH * slope / slope.norm(dim=(1, 2), keepdim=True).clamp(min=1e-12)
    _, pushed, _ = gradients_at(model, states.detach() + push, segments, aims, weights, pool)
    for weight, plain, against in zip(weights, gradients, pushed, strict=True):
        weight.grad = plain + against
    return loss


def gradients_at(
    model: SentenceModel, states: Tensor, segments: Tensor, aims: Aims, weights: list[Tensor], pool: ThreadPoolExecutor
) -> tuple[float, list[Tensor], Tensor]:
    """The loss at these states, its gradient for each weight, and for the states; an empty one where they ask for none.

    Then nothing is kept of the frozen layers, nor led back through them.
    """
    count = THREADS if states.device.type == "cpu" else 1
    is_asked = states.requires_grad
    parts = [part.detach().requires_grad_(is_asked) for part in states.tensor_split(count)]
    readings = list(pool.map(lambda part, seen: read_part(model, part, seen), parts, segments.tensor_split(count)))
    whole = Reading(*(torch.cat(outputs).detach().requires_grad_() for outputs in zip(*readings, strict=True)))
    loss = loss_of(whole, aims)
    loss.backward()  # type: ignore[no-untyped-call]
    slopes = [torch.zeros_like(output) if output.grad is None else output.grad for output in whole]
    shares = zip(*(slope.tensor_split(count) for slope in slopes), strict=True)
    sources = [[*weights, part] if is_asked else weights for part in parts]
    found = list(pool.map(torch.autograd.grad, readings, sources, shares))
    gradients = [torch.stack(each).sum(0) for each in zip(*(each[: len(weights)] for each in found), strict=True)]
    slope = torch.cat([each[-1] for each in found]).float() if is_asked else torch.empty(0)
    return loss.item(), gradients, slope


def read_part(model: SentenceModel, states: Tensor, segments: Tensor) -> Reading:
    with torch.autocast(states.device.type, dtype=torch.bfloat16):
        return model.read(states, segments)


def loss_of(reading: Reading, aims: Aims) -> Tensor:
    loss = promotion_loss(reading, aims) + KIND_WEIGHT * kind_loss(reading, aims)
    loss = loss + FIT_WEIGHT * fit_loss(reading, aims) + LIKENESS_WEIGHT * likeness_loss(reading, aims)
    return loss + PITCH_WEIGHT * pitch_loss(reading, aims) + PAIR_WEIGHT * pair_loss(reading, aims)


def smoothed(aim: Tensor) -> Tensor:
    return aim * (1 - 2 * SMOOTHING) + SMOOTHING


def promotion_loss(reading: Reading, aims: Aims) -> Tensor:
    return functional.binary_cross_entropy_with_logits(reading.promotion, smoothed(aims.promotion))


def kind_loss(reading: Reading, aims: Aims) -> Tensor:
    known = aims.kinds != UNKNOWN
    each = functional.cross_entropy(reading.kinds, aims.kinds.clamp(min=0), label_smoothing=SMOOTHING, reduction="none")
    return (each * known).mean()


def fit_loss(reading: Reading, aims: Aims) -> Tensor:
    known = aims.fits != UNKNOWN
    aim = smoothed(aims.fits.clamp(min=0).float())
    each = functional.binary_cross_entropy_with_logits(reading.fit, aim, reduction="none")
    return (each * known).mean()


def likeness_loss(reading: Reading, aims: Aims) -> Tensor:
    """Each fitting text against the purposes of the whole batch (InfoNCE, van den Oord et al. 2018)."""
    itself = torch.eye(len(aims.fits), dtype=torch.bool, device=aims.fits.device)
    same = (aims.purposes[:, None] == aims.purposes[None, :]) & ~itself
    likeness = LIKENESS_SCALE * reading.embedding @ reading.purpose_embedding.T
    likeness = likeness.masked_fill(same | (aims.purposes < 0)[None, :], NOT_ASKED)
    each = functional.cross_entropy(likeness, itself.int().argmax(1), reduction="none")
    return (each * (aims.fits == 1)).mean()


def pitch_loss(reading: Reading, aims: Aims) -> Tensor:
    known = aims.pitch >= 0
    each = functional.binary_cross_entropy_with_logits(
        reading.pitch, smoothed(aims.pitch.clamp(min=0)), reduction="none"
    )
    return ((each * known).sum(1) / known.sum(1).clamp(min=1)).mean()


def pair_loss(reading: Reading, aims: Aims) -> Tensor:
    """A margin between the advert and the genuine version of one post."""
    apart = reading.promotion[aims.adverts] - reading.promotion[aims.genuine]
    return functional.softplus(PAIR_MARGIN - apart).sum() / len(aims.promotion)


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


def train(
    model: SentenceModel, cutter: Cutter, stream: Stream, plan: Plan, checkpoint: Path, after: Path | None = None
) -> None:
    """Train by the plan; after each chunk the state is kept in `checkpoint`, from which a later call goes on.

    Args:
        after: the checkpoint of an earlier plan, which this one carries on.
    """
    optimiser = optimiser_of(model)
    done, step = resume(model, optimiser, checkpoint)
    if after and not done:
        _, step = resume(model, optimiser, after)
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
