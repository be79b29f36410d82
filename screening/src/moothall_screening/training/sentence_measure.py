"""Measures an exported sentence model, by itself, on the corpus's dev groups and on sets it never saw.

python -m moothall_screening.training.sentence_measure --model OUT --corpus corpus --sets FOLDER
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from time import process_time

import numpy as np
from numpy.typing import NDArray

from moothall_screening.sentence import SentenceJudge, SentenceReading
from moothall_screening.verdict import Candidate, Kind

READ_TOGETHER = 256
FALSE_POSITIVES = 0.01
TIMED_PIECES = (32, 64, 128, 256)
KINDS = tuple(Kind)
# Each row's truth: promotion (1), genuine (0), or left out (None).
Judgement = Callable[[dict[str, str]], int | None]
TRANSFER: dict[str, Judgement] = {
    "datacamp_comments": lambda row: {"promotion": 1, None: None}.get(row["kind"], 0),
    "mailing_list_promo": lambda row: {"promotion": 1, None: None}.get(row["kind"], 0),
    "jigsaw_advertising": lambda row: int(row["label"] == "promotion"),
    "janitr_x_posts": lambda row: {"promotion": 1, "clean": 0}.get(row["label"]),
}
FIT_SETS = ("reddit_relevance_pairs", "list_relevance_pairs")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure."""

    name: str
    value: float
    rows: int


def auc(scores: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    """Area under the ROC curve; ties count half.

    >>> auc(np.float32([1, 2, 2, 3]), np.array([False, False, True, True]))
    0.875
    """
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    values, first, counts = np.unique(scores[order], return_index=True, return_counts=True)
    ranks[order] = np.repeat(first + (counts + 1) / 2, counts)
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative or not len(values):
        return float("nan")
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def recall_at(scores: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    """Share of the promotions above the score that 1% of the genuine posts pass."""
    genuine = np.sort(scores[~truth])[::-1]
    threshold = genuine[int(len(genuine) * FALSE_POSITIVES)]
    return float((scores[truth] > threshold).mean())


def read_all(judge: SentenceJudge, candidates: Sequence[Candidate]) -> SentenceReading:
    parts = [judge.read(candidates[i : i + READ_TOGETHER]) for i in range(0, len(candidates), READ_TOGETHER)]
    return SentenceReading(
        np.concatenate([part.promotion for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        np.concatenate([part.fit for part in parts]),
        tuple(spans for part in parts for spans in part.pitch),
        np.concatenate([part.embedding for part in parts]),
    )


def candidate_of(row: dict[str, str]) -> Candidate:
    return Candidate(
        text=row["text"],
        subject=row.get("subject") or "",
        parent=row.get("parent"),
        group=row.get("group"),
        group_purpose=row.get("group_purpose"),
    )


def two_figures(name: str, scores: NDArray[np.float32], truth: NDArray[np.bool_]) -> list[Figure]:
    return [
        Figure(f"{name}, AUC", auc(scores, truth), len(truth)),
        Figure(f"{name}, recall at 1%", recall_at(scores, truth), len(truth)),
    ]


def corpus_figures(judge: SentenceJudge, path: Path) -> Iterator[Figure]:
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    candidates = [candidate_of(row) for row in rows]
    reading = read_all(judge, candidates)
    truth = np.array([row["kind"] == Kind.PROMOTION for row in rows])
    yield from two_figures("corpus dev", reading.promotion, truth)
    masked = np.array([row["masked"] for row in rows]) | ~truth
    yield from two_figures("corpus dev, masked only", reading.promotion[masked], truth[masked])
    foreign = np.array([row["lang"] != "en" for row in rows])
    yield from two_figures("corpus dev, not English", reading.promotion[foreign], truth[foreign])
    named = np.array([KINDS.index(Kind(row["kind"])) for row in rows])
    yield Figure("corpus dev, kind of seven, accuracy", float((reading.kinds.argmax(1) == named).mean()), len(rows))
    yield pair_figure(rows, reading, truth)
    on_topic = np.array([row["on_topic"] for row in rows])
    yield Figure("corpus dev, fit, AUC", auc(reading.fit, on_topic), len(rows))
    yield from pitch_figures(rows, reading)
    bare = read_all(judge, [replace(c, group_purpose=None, parent=None) for c in candidates])
    yield from two_figures("corpus dev, text alone", bare.promotion, truth)


def pair_figure(rows: Sequence[dict[str, str]], reading: SentenceReading, truth: NDArray[np.bool_]) -> Figure:
    """How often an advert scores above a genuine version of the same post."""
    sets: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        if row["pair"]:
            sets.setdefault(row["pair"], []).append(i)
    wins = [
        reading.promotion[i] > reading.promotion[j]
        for members in sets.values()
        for i, j in product(members, members)
        if truth[i] and not truth[j]
    ]
    return Figure("corpus dev, contrast pairs in order", float(np.mean(wins)), len(wins))


def pitch_figures(rows: Sequence[dict[str, object]], reading: SentenceReading) -> Iterator[Figure]:
    """F1 over characters other than white space: in marked adverts, and in all marked posts."""
    for name, wanted in (("marked adverts", True), ("all marked posts", False)):
        hit = found = marked = count = 0
        for row, spans in zip(rows, reading.pitch, strict=True):
            if row["pitch"] is None or (wanted and not row["pitch"]):
                continue
            text = str(row["text"])
            black = np.array([not c.isspace() for c in text], bool)
            truth, guess = np.zeros(len(text), bool), np.zeros(len(text), bool)
            for pitch in row["pitch"] if isinstance(row["pitch"], list) else []:
                truth[text.find(pitch) : text.find(pitch) + len(pitch)] = True
            for start, end, _ in spans:
                guess[max(start, 0) : max(end, 0)] = True
            hit, found = hit + int((truth & guess & black).sum()), found + int((guess & black).sum())
            marked, count = marked + int((truth & black).sum()), count + 1
        yield Figure(f"corpus dev, pitch in {name}, F1", 2 * hit / max(found + marked, 1), count)


def transfer_figures(judge: SentenceJudge, folder: Path) -> Iterator[Figure]:
    for name, judgement in TRANSFER.items():
        rows = [row for row in rows_of(folder, name, ("train", "dev")) if judgement(row) is not None]
        truth = np.array([bool(judgement(row)) for row in rows])
        reading = read_all(judge, [candidate_of(row) for row in rows])
        yield from two_figures(name, reading.promotion, truth)


def fit_figures(judge: SentenceJudge, folder: Path) -> Iterator[Figure]:
    for name in FIT_SETS:
        rows = list(rows_of(folder, name, ("dev",)))
        truth = np.array([row["label"] == "on_topic" for row in rows])
        fit = read_all(judge, [candidate_of(row) for row in rows]).fit
        yield Figure(f"{name}, AUC", auc(fit, truth), len(rows))
        for negative in sorted({row["negative"] for row in rows if row["negative"]}):
            chosen = truth | np.array([row["negative"] == negative for row in rows])
            yield Figure(f"{name}, {negative}, AUC", auc(fit[chosen], truth[chosen]), int(chosen.sum()))


def time_figures(judge: SentenceJudge) -> Iterator[Figure]:
    """CPU milliseconds of a single reading, text without context, median of 20."""
    text = "The members of our small society talk of gardens, trains and old boats. " * 40
    pieces = judge.engine().cutter.cut(text)
    for count in TIMED_PIECES:
        short = Candidate(text[: int(pieces.spans[count - judge.engine().cutter.lead - 2, 1])])
        taken = []
        for _ in range(20):
            started = process_time()
            judge.read([short])
            taken.append(process_time() - started)
        yield Figure(f"CPU ms a post, {count} pieces", 1000 * float(np.median(taken)), 20)


def rows_of(folder: Path, name: str, parts: Sequence[str]) -> Iterator[dict[str, str]]:
    for part in parts:
        with gzip.open(folder / name / f"{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument(
        "--model", type=Path, default=None, help="folder of an exported model; the packaged one if left out"
    )
    ask.add_argument("--corpus", type=Path, required=True, help="folder with dev.jsonl")
    ask.add_argument("--sets", type=Path, help="folder of real sets, for transfer and fit")
    args = ask.parse_args()
    judge = SentenceJudge(args.model)
    print(judge.version)
    figures = [time_figures(judge), corpus_figures(judge, args.corpus / "dev.jsonl")]
    if args.sets:
        figures += [transfer_figures(judge, args.sets), fit_figures(judge, args.sets)]
    for group in figures:
        for figure in group:
            print(f"{figure.name:60} {figure.value:8.3f}  ({figure.rows})", flush=True)


if __name__ == "__main__":
    main()
