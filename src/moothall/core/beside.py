"""A process beside this one for pure computation, so that a long command keeps two cores busy.

It is forked from this one: what is loaded by then, it need not load, and memory that neither changes is there once. It
keeps none of our open files, above all neither the database's connection nor a lock. Work goes there and comes back
pickled, one piece at a time. What it has not begun by the time that somebody needs it is done here instead, so nobody
waits, and what it had in hand when it died is done here too.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Generic, TypeVar

from moothall.core.forked import close_all_but

T = TypeVar("T")

_FORKED = get_context("fork")


def usable_cores() -> int:
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """Work that was asked for; without a future it is done when the result is wanted."""

    work: Callable[[], T]
    future: Future[bytes | None] | None = None

    def is_mine(self) -> bool:
        """Whether the work is still to be done here: nobody has begun it, nor will now."""
        return self.future is None or self.future.cancel()

    def result(self) -> T:
        # Until it is wanted the answer stays pickled, which takes a fraction of the memory.
        answer = None if self.future is None or self.future.cancel() else self.future.result()
        if answer is None:
            return self.work()
        found: T = pickle.loads(answer)  # noqa: S301 - our own process wrote it
        return found


class Beside:
    """Use as a context manager; on leaving, the process is gone, whatever it was doing.

    Start it before this process has threads that work: of them the new one has none, only the locks they held.
    """

    def __init__(self) -> None:
        gc.freeze()  # a collection would write into every object that is shared, and so copy it
        self._pipe, theirs = _FORKED.Pipe()
        self._process = _FORKED.Process(target=_work_off, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside")
        self._is_gone = False

    @property
    def pid(self) -> int:
        assert self._process.pid is not None  # noqa: S101 - started above
        return self._process.pid

    def ask(self, work: Callable[[], T]) -> Asked[T]:
        """`work` and its result must survive pickling, and it must not ask the database."""
        return Asked(work) if self._is_gone else Asked(work, self._thread.submit(self._answer, work))

    def __enter__(self) -> Beside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_gone = True
        self._process.kill()
        self._process.join()
        self._thread.shutdown(cancel_futures=True)
        self._pipe.close()

    def _answer(self, work: Callable[[], T]) -> bytes | None:
        """None from a process that is gone."""
        if self._is_gone:
            return None
        try:
            self._pipe.send_bytes(pickle.dumps(work, pickle.HIGHEST_PROTOCOL))
            return self._pipe.recv_bytes()
        except (OSError, EOFError):
            self._is_gone = True
            return None


def _work_off(pipe: Connection) -> None:
    """Does what comes in, until the pipe is closed. An error ends the process; the work is then tried over there."""
    os.setpgid(0, 0)  # Ctrl-C is for the command; this process ends with its pipe
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    close_all_but(pipe.fileno())
    while True:
        try:
            work = pickle.loads(pipe.recv_bytes())  # noqa: S301 - the process that started us wrote it
        except EOFError:
            return
        done = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
        try:
            pipe.send_bytes(done)
        except BrokenPipeError:
            return
