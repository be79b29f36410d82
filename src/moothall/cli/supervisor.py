"""Keeps processes running: starts them again when they end, and ends them all when asked.

They are forked from this one: what is loaded by then, they need not load, and memory that nobody changes is there once.
"""

import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from types import FrameType

from moothall.core.clock import now
from moothall.core.forked import close_all_but

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15  # prctl(2)
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0
STOP_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.2
END_LOOK_EVERY_S = 0.05
CLOCK_STEP_S = 60.0  # schedules have steps of a minute
ASKS_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_FORKED = get_context("fork")


@dataclass(frozen=True, slots=True)
class Program:
    """`run` is called in a process of its own, which ends when it returns.

    `goes_by_clock`: it begins anew when the machine's clock was put back, for which its schedules would wait.
    """

    name: str
    run: Callable[[], object]
    goes_by_clock: bool = False


class _Kept:
    """One program's process, and when it may be started again."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: ForkProcess | None = None
        self.started_at_s = 0.0
        self.pause_s = FIRST_PAUSE_S
        self.start_again_at_s = 0.0

    def start(self) -> None:
        now_s = time.monotonic()
        try:
            self.process = started(self.program)
        except OSError as error:  # no more processes or memory, which others may give back
            say(f"{self.program.name} can't be started ({error.strerror}); trying again in {self.pause_s:g} s")
            self._pause(now_s)
        self.started_at_s = now_s

    def _pause(self, now_s: float) -> None:
        self.start_again_at_s = now_s + self.pause_s
        self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)

    def look(self) -> None:
        now_s = time.monotonic()
        if self.process is None:
            if now_s >= self.start_again_at_s:
                self.start()
            return
        code = self.process.exitcode
        if code is None:
            return
        if now_s - self.started_at_s > STEADY_AFTER_S:
            self.pause_s = FIRST_PAUSE_S
        say(f"{self.program.name} ended ({_end(code)}); starting it again in {self.pause_s:g} s")
        self.process = None
        self._pause(now_s)


class Supervisor:
    def __init__(
        self, programs: Sequence[Program], looks: Sequence[Callable[[], None]], *, patience_s: float = STOP_TIMEOUT_S
    ) -> None:
        """Each of `looks` is called several times a second, for what the supervisor does not start itself.

        What has not ended `patience_s` after it was asked to is ended by force.
        """
        self._patience_s = patience_s
        self._kept = [_Kept(program) for program in programs]
        self._looks = [*looks, self._look_at_clock, *(kept.look for kept in self._kept)]
        self._clock_ahead_s = _clock_ahead_s()
        self.is_asked_to_stop = False

    def listen_for_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as it is under nohup
            signal.signal(signal.SIGHUP, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.is_asked_to_stop = True

    def run(self) -> None:
        """Returns when a signal asked for the end, and every program has ended."""
        try:
            while not self.is_asked_to_stop:
                for look in self._looks:
                    look()
                time.sleep(LOOK_EVERY_S)
        finally:
            self._stop()

    def _look_at_clock(self) -> None:
        before_s, self._clock_ahead_s = self._clock_ahead_s, _clock_ahead_s()
        if before_s - self._clock_ahead_s < CLOCK_STEP_S:
            return
        say(f"The clock was put back by {before_s - self._clock_ahead_s:.0f} s; what goes by it begins anew")
        for kept in self._kept:
            if kept.program.goes_by_clock and kept.process is not None:
                kept.process.terminate()

    def _stop(self) -> None:
        processes = [kept.process for kept in self._kept if kept.process is not None]
        for process in processes:
            process.terminate()
        until_s = time.monotonic() + self._patience_s
        for process in processes:
            wait_for(process, until_s)
            if process.pid is not None and process.exitcode is None:
                say(f"{process.name} did not end within {self._patience_s:g} s; it is ended by force")
                os.killpg(process.pid, signal.SIGKILL)
                process.join()


def say(line: str) -> None:
    print(line, flush=True)


def started(program: Program) -> ForkProcess:
    """The program's process. Call it where no threads run: the new one has none of them, only the locks they held."""
    gc.freeze()  # a collection would write into every object that is shared, and so copy it
    process = _FORKED.Process(target=_run_apart, args=(program,), name=program.name)
    # Asked to stop before it has handlers of its own, it would ask us, in its copy, and go on.
    waiting = signal.pthread_sigmask(signal.SIG_BLOCK, ASKS_TO_STOP)
    try:
        _start(process)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, waiting)
    return process


def wait_for(process: ForkProcess, until_s: float) -> None:
    """Not by `join` with a timeout: it goes by a file which the process closes with all others, and then waits on."""
    while process.exitcode is None and time.monotonic() < until_s:
        time.sleep(END_LOOK_EVERY_S)


def _start(process: ForkProcess) -> None:
    """Where it can't, multiprocessing leaves its two pipes open. They have the lowest numbers that were free."""
    pipes = [*os.pipe(), *os.pipe()]
    _close(pipes)
    try:
        process.start()
    except OSError:
        _close(pipes)
        raise


def _close(numbers: Sequence[int]) -> None:
    for number in numbers:
        with suppress(OSError):
            os.close(number)


def _run_apart(program: Program) -> None:
    # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends the others in order.
    os.setsid()
    if sys.platform == "linux":
        # When the supervisor is killed outright, nothing of it stays behind on the port.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        ctypes.CDLL(None).prctl(PR_SET_NAME, f"moothall-{program.name}".encode())
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    close_all_but()  # above all the locks, which shall fall when the supervisor ends
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKS_TO_STOP)
    program.run()


def _clock_ahead_s() -> float:
    """Of the machine's running time, which nobody can set."""
    return now().timestamp() - time.monotonic()


def _end(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
