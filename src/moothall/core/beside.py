"""A process beside this one for pure computation, so that a long command keeps two cores busy.

It is started as a module of its own and not by `multiprocessing`, whose spawned children import the program's main
module anew, and with it Django. Work goes there and comes back pickled, one piece at a time. What it has not begun by
the time that somebody needs it is done here instead, so nobody waits for a slow start, and what it had in hand when it
died is done here too.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


def usable_cores() -> int:
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """Work that was asked for; without a future it is done when the result is wanted."""

    work: Callable[[], T]
    future: Future[T] | None = None

    def is_mine(self) -> bool:
        """Whether the work is still to be done here: nobody has begun it, nor will now."""
        return self.future is None or self.future.cancel()

    def result(self) -> T:
        return self.work() if self.future is None or self.future.cancel() else self.future.result()


class Beside:
    """Use as a context manager; on leaving, the process is gone, whatever it was doing."""

    def __init__(self) -> None:
        # Ctrl-C is for the command; this process ends with its pipe. -P: what lies in the present folder is not ours.
        self._process = subprocess.Popen(  # noqa: S603 - this very module
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        self._to, self._from = self._process.stdin, self._process.stdout
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside")
        self._is_gone = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, work: Callable[[], T]) -> Asked[T]:
        """`work` and its result must survive pickling, and it must not need Django."""
        return Asked(work) if self._is_gone else Asked(work, self._thread.submit(self._answer, work))

    def __enter__(self) -> Beside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_gone = True
        self._process.kill()
        self._thread.shutdown(cancel_futures=True)
        # Closes the pipes and waits. What a process that was killed had not read yet goes nowhere.
        with suppress(BrokenPipeError), self._process:
            pass

    def _answer(self, work: Callable[[], T]) -> T:
        if not self._is_gone:
            try:
                return self._sent(work)
            except (OSError, EOFError, pickle.UnpicklingError):
                if self._is_gone:
                    raise  # on leaving: nobody waits for this work
                self._is_gone = True
        return work()

    def _sent(self, work: Callable[[], T]) -> T:
        pickle.dump(work, self._to, pickle.HIGHEST_PROTOCOL)
        self._to.flush()
        answer: T = pickle.load(self._from)  # noqa: S301 - our own process wrote it
        return answer


def main() -> None:
    """Does what comes in, until the pipe is closed. An error ends the process; the work is then tried over there."""
    while True:
        try:
            work = pickle.load(sys.stdin.buffer)  # noqa: S301 - the process that started us wrote it
        except EOFError:
            return
        pickle.dump(work(), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
