"""The longest that any text can take: texts of 64 kB, each built to tire one part of the judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter, process_time

from moothall_screening.group_model import Example, GroupModel
from moothall_screening.screener import Screener
from moothall_screening.verdict import Candidate

SIZE = 65_536
_RUNS = 3
_SEED = 2026
_UNITS = {
    "one letter": "x",
    "quotation marks": ">",
    "sentences without words": ". ",
    "words of one letter": "a b ",
    "figures": "0",
    "figures set apart": "0 ",
    "prices": "£0 ",
    "full stops": ".",
    "lines of one letter": "a\n* ",
    "at signs": "@",
    "e-mail addresses": "a@b.co ",
    "addresses begun": "www.",
    "links begun": "http://",
    "dots spelt out": "d0t ",
    "hosts spelt out": "d0t c0m ",
    "ends of hosts": ".com",
    "quoted lines": "\n>",
    "signature marks": "\n--\n",
    "rules": "\n- - - - - - - - - - - - - - - - ",
    "tabs": "\n\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t",
    "invisible marks": "\u200b",
    "accents heaped up": "e\u0301\u0302\u0303",
    "beyond the table": "\uffff\U00010348",
    "surrogates and noughts": "\ud800\x00",
    "calls to act": "Call us today on 020 7946 0123 for a free quote, 20% off! ",
    "Chinese": "我们提供最好的服务。",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """The quickest of some runs, since the machine may be busy with other work."""

    name: str
    clock_ms: float
    cpu_ms: float


def texts() -> Iterator[tuple[str, str]]:
    for name, unit in _UNITS.items():
        yield name, (unit * SIZE)[:SIZE]
    random = Random(_SEED)  # noqa: S311 - nothing secret is drawn
    yield "random letters", "".join(chr(random.randrange(32, 0x3000)) for _ in range(SIZE))
    yield "random words", "".join("".join(random.choices("abcdefghij", k=6)) + " " for _ in range(SIZE // 7))


def report(folder: Path) -> Iterator[str]:
    """One line for each judge: the worst text, and what it took."""
    yield _line("fast judge", _worst(Screener(folder, closely=False), None))
    both = Screener(folder)
    if both.reads_closely:
        # In a group that has taught something every post is read closely, whatever the fast judge says of it.
        taught = GroupModel()
        both.learn(taught, Example("Welcome, and thanks for the photographs of the north wall.", False))
        yield _line("both judges", _worst(both, taught))


def _line(name: str, worst: Taken) -> str:
    return f"{name}: the worst text took {worst.clock_ms:.1f} ms ({worst.cpu_ms:.1f} ms of CPU): {worst.name}"


def _worst(screener: Screener, model: GroupModel | None) -> Taken:
    screener.screen(Candidate("What is loaded at the first use is loaded now."), model)
    return max((_taken(screener, model, name, text) for name, text in texts()), key=lambda taken: taken.cpu_ms)


def _taken(screener: Screener, model: GroupModel | None, name: str, text: str) -> Taken:
    runs = []
    for _ in range(_RUNS):
        clock, cpu = perf_counter(), process_time()
        screener.screen(Candidate(text), model)
        runs.append(Taken(name, (perf_counter() - clock) * 1000, (process_time() - cpu) * 1000))
    return min(runs, key=lambda taken: taken.cpu_ms)
