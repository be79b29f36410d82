"""Posts a CPU-second, the time of a single call, and that of loading."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from time import perf_counter, process_time

import numpy as np

from moothall_screening.closer import SOURCE
from moothall_screening.features import Floats
from moothall_screening.labelled import Row
from moothall_screening.screener import Screener
from moothall_screening.verdict import Candidate

SHORT = 150  # characters
_AT_LEAST = 10_000  # short posts, repeated until so many
_SINGLE_CALLS = 300
_GENUINE_FOR_EACH_OFFER = 9
_SEED = 2026
_LOADING = """
from pathlib import Path
from sys import argv
from time import process_time
started = process_time()
from moothall_screening import Candidate, Screener
screener = Screener(Path(argv[1]))
loaded = process_time()
screener.screen(Candidate("Has anyone here dealt with damp in a north wall?"))
print(loaded - started, process_time() - loaded)
"""


def report(folder: Path, rows: Sequence[Row]) -> Iterator[str]:
    """Lines of a table; seconds are those of the processor, the clock's are named as such."""
    screener = Screener(folder)
    yield _promotions(screener, rows)
    mixed = realistic_mix(rows)
    if mixed:
        screener.screen(mixed[0])
        yield from _verdicts(screener, mixed)
        yield _single_calls(screener, mixed)
    yield _loading(folder)


def realistic_mix(rows: Sequence[Row]) -> list[Candidate]:
    """As many posts as may be, so that nine in ten are genuine, in random order."""
    random = Random(_SEED)  # noqa: S311 - nothing secret is drawn
    offers = [row.candidate for row in rows if row.is_promotion]
    genuine = [row.candidate for row in rows if not row.is_promotion]
    count = min(len(offers), len(genuine) // _GENUINE_FOR_EACH_OFFER)
    chosen = random.sample(offers, count) + random.sample(genuine, count * _GENUINE_FOR_EACH_OFFER)
    random.shuffle(chosen)
    return chosen


def _promotions(screener: Screener, rows: Sequence[Row]) -> str:
    short = [row.candidate.text[:SHORT] for row in rows if len(row.candidate.text) >= SHORT]
    if not short:
        return f"promotions: no post of {SHORT} characters to measure"
    many = (short * (_AT_LEAST // len(short) + 1))[:_AT_LEAST]
    screener.promotions(many[:100])
    started = process_time()
    screener.promotions(many)
    a_second = len(many) / (process_time() - started)
    return f"promotions: {a_second:.0f} posts of {SHORT} characters a CPU-second ({len(many)})"


def _verdicts(screener: Screener, mixed: Sequence[Candidate]) -> Iterator[str]:
    for told, told_from in (("whole verdicts", 0.0), ("verdicts, told in brief below 0.5", 0.5)):
        started = process_time()
        verdicts = screener.screen_many(mixed, told_from=told_from)
        took = process_time() - started
        close = sum(any(each.source == SOURCE for each in verdict.evidence) for verdict in verdicts)
        yield (
            f"{told}: {len(mixed) / took:.0f} posts a CPU-second ({len(mixed)}, nine in ten genuine, "
            f"{close / len(mixed):.1%} read closely)"
        )


def _single_calls(screener: Screener, mixed: Sequence[Candidate]) -> str:
    taken = []
    for candidate in mixed[:_SINGLE_CALLS]:
        clock, cpu = perf_counter(), process_time()
        screener.screen(candidate)
        taken.append(((perf_counter() - clock) * 1000, (process_time() - cpu) * 1000))
    clocks, cpus = np.array(taken).T
    return (
        f"a single call: p50 / p95 {_p50_p95(clocks)} ms by the clock, {_p50_p95(cpus)} ms of CPU "
        f"({len(taken)} calls of the same mix)"
    )


def _p50_p95(values: Floats) -> str:
    return f"{np.quantile(values, 0.5):.1f} / {np.quantile(values, 0.95):.1f}"


def _loading(folder: Path) -> str:
    command = [sys.executable, "-c", _LOADING, str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    loaded, first = map(float, said.stdout.split())
    return f"loading: {loaded:.2f} s of CPU in a new process, its first verdict {first:.2f} s more"
