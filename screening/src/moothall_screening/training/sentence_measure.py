"""Measures an exported sentence model by itself, uncalibrated: on the corpus's dev groups, and on sets it never saw.

python -m moothall_screening.training.sentence_measure --model OUT --corpus corpus --sets FOLDER
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time

import numpy as np

from moothall_screening.draft import logistic
from moothall_screening.evaluation import Judged, headline, report
from moothall_screening.labelled import TRANSFER_SETS, Row, read_rows, read_set
from moothall_screening.sentence import SentenceJudge
from moothall_screening.verdict import Candidate, Kind

READ_TOGETHER = 256
TIMED_PIECES = (32, 64, 128, 256)
_TIMES = 20
_KINDS = tuple(Kind)


def judged_alone(judge: SentenceJudge, rows: Sequence[Row]) -> Judged:
    chances: list[float] = []
    kinds: list[Kind] = []
    for first in range(0, len(rows), READ_TOGETHER):
        reading = judge.read([row.candidate for row in rows[first : first + READ_TOGETHER]])
        chances += [logistic(log_odds) for log_odds in reading.promotion.tolist()]
        kinds += [_KINDS[kind] for kind in reading.kinds.argmax(axis=1).tolist()]
    return Judged(tuple(rows), np.array(chances), tuple(kinds))


def times(judge: SentenceJudge) -> Iterator[str]:
    """CPU milliseconds of a single reading, text without context, median of 20."""
    text = "The members of our small society talk of gardens, trains and old boats. " * 40
    pieces = judge.engine().cutter.cut(text)
    for count in TIMED_PIECES:
        short = Candidate(text[: int(pieces.spans[count - judge.engine().cutter.lead - 2, 1])])
        taken = []
        for _ in range(_TIMES):
            started = process_time()
            judge.read([short])
            taken.append(process_time() - started)
        yield f"{count} pieces: {1000 * float(np.median(taken)):.1f} ms of CPU a post"


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--model", type=Path, help="folder of an exported model; the packaged one if left out")
    ask.add_argument("--corpus", type=Path, required=True, help="folder with dev.jsonl")
    ask.add_argument("--sets", type=Path, help="folder of the public sets")
    options = ask.parse_args()
    judge = SentenceJudge(options.model)
    print(judge.version)
    print("\n".join([*times(judge), *report(judged_alone(judge, read_rows(options.corpus / "dev.jsonl")))]), flush=True)
    for name in TRANSFER_SETS if options.sets else ():
        print(headline(name, judged_alone(judge, read_set(options.sets / name))), flush=True)


if __name__ == "__main__":
    main()
