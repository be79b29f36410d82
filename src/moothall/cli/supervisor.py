"""Keeps processes running: starts them again when they end, and ends them all when asked."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

PR_SET_PDEATHSIG = 1  # prctl(2)
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0
STOP_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    command: Sequence[str]
    environ: Mapping[str, str]


class _Kept:
    """One program's process, and when it may be started again."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at_s = 0.0
        self.pause_s = FIRST_PAUSE_S
        self.start_again_at_s = 0.0

    def start(self) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends the others in order.
        self.process = subprocess.Popen(  # noqa: S603
            self.program.command,
            env=self.program.environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  (the supervisor has no threads)
        )
        self.started_at_s = time.monotonic()

    def look(self) -> None:
        now_s = time.monotonic()
        if self.process is None:
            if now_s >= self.start_again_at_s:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        if now_s - self.started_at_s > STEADY_AFTER_S:
            self.pause_s = FIRST_PAUSE_S
        say(f"{self.program.name} ended ({_end(code)}); starting it again in {self.pause_s:g} s")
        self.process = None
        self.start_again_at_s = now_s + self.pause_s
        self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)


class Supervisor:
    def __init__(self, programs: Sequence[Program], looks: Sequence[Callable[[], None]]) -> None:
        """Each of `looks` is called several times a second, for what the supervisor does not start itself."""
        self._kept = [_Kept(program) for program in programs]
        self._looks = [*looks, *(kept.look for kept in self._kept)]
        self._is_asked_to_stop = False

    def listen_for_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as it is under nohup
            signal.signal(signal.SIGHUP, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._is_asked_to_stop = True

    def run(self) -> None:
        """Returns when a signal asked for the end, and every program has ended."""
        try:
            while not self._is_asked_to_stop:
                for look in self._looks:
                    look()
                time.sleep(LOOK_EVERY_S)
        finally:
            self._stop()

    def _stop(self) -> None:
        processes = [kept.process for kept in self._kept if kept.process is not None]
        for process in processes:
            process.send_signal(signal.SIGTERM)
        until_s = time.monotonic() + STOP_TIMEOUT_S
        for process in processes:
            try:
                process.wait(timeout=max(0.1, until_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{process.args!r} did not end within {STOP_TIMEOUT_S:.0f} s; it is ended by force")
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def say(line: str) -> None:
    print(line, flush=True)


def _end_with_parent() -> None:
    """In the child: when the supervisor is killed outright, nothing of it stays behind on the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
