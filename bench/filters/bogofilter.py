"""bogofilter, in bulk: files named on its standard input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filters.commands import said_by
from filters.filter import FilterFailed, Running, Work, by_number, children_cpu_s
from filters.mails import write_folder
from moothall_screening.features import Floats
from moothall_screening.labelled import Row


class Bogofilter:
    name = "bogofilter"
    needs = ("bogofilter",)
    seen: frozenset[str] = frozenset()
    is_taught = True

    @contextmanager
    def running(self, work: Work) -> Iterator[Running]:
        yield _Running(work)


class _Running:
    def __init__(self, work: Work) -> None:
        self._work = work
        self._judged = 0
        # Without its users' settings, and with its word list in a folder of the measurement.
        self._command = ("bogofilter", "--no-config-file", f"--bogofilter-dir={work.folder}", "-b")

    def learn(self, rows: Sequence[Row]) -> None:
        for name, flag, is_promotion in (("offers", "-s", True), ("genuine", "-n", False)):
            folder = write_folder(self._work.folder / name, [row for row in rows if row.is_promotion is is_promotion])
            said_by([*self._command, flag], self._work, given=_names(folder))

    def judge(self, rows: Sequence[Row]) -> Mapping[str, Floats]:
        self._judged += 1
        folder = write_folder(self._work.folder / f"judged{self._judged}", rows)
        said = said_by([*self._command, "-T"], self._work, given=_names(folder)).decode()
        return {Bogofilter.name: by_number(len(rows), map(_answer, said.splitlines()))}

    def cpu_s(self) -> float:
        return children_cpu_s()


def _names(folder: Path) -> bytes:
    return "".join(f"{path}\n" for path in sorted(folder.iterdir())).encode()


def _answer(line: str) -> tuple[int, float]:
    """From such as `/tmp/x/judged1/000007 U 0.498862`."""
    path, *_, spamicity = line.split()
    if not path.rpartition("/")[2].isdigit():
        raise FilterFailed(f"bogofilter said: {line[:200]}")
    return int(path.rpartition("/")[2]), float(spamicity)
