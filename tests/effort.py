"""How much work a call does, counted rather than timed: the same on a busy machine and on an idle one."""

from __future__ import annotations

import cProfile
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

# Not a measurement: a regular expression that backtracks without end makes no calls, and would hang the suite.
HANGS_AFTER_S = 120


def calls(work: Callable[[], object]) -> int:
    """The calls, of Python's functions and of C's, that the work makes."""
    profile = cProfile.Profile(subcalls=False)
    with no_hang():
        profile.runcall(work)
    return sum(entry.callcount for entry in profile.getstats())


@contextmanager
def no_hang() -> Iterator[None]:
    """Fails the test where the block would not end."""

    def give_up(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"no end after {HANGS_AFTER_S} s")  # which no `except Exception` of the block takes for its own

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, HANGS_AFTER_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
