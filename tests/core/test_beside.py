"""A process beside this one: it works, it may be late, it may die, and it is gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from time import sleep

import psutil
import pytest

from moothall.core.archived import read_mails
from moothall.core.beside import Asked, Beside
from moothall_screening import Candidate, Screener

MAIL = b"Subject: Sole plate\nFrom: Wilf <wilf@oak.example>\n\nSplice it or replace it?\n"
whose = partial(eval, "__import__('os').getpid()")
asleep = partial(eval, "__import__('time').sleep(60)")


def begun(asked: Asked[object]) -> Asked[object]:
    while asked.future is not None and not (asked.future.running() or asked.future.done()):
        sleep(0.005)
    return asked


def test_work_is_done_in_another_process() -> None:
    with Beside() as beside:
        asked = begun(beside.ask(whose))
        assert not asked.is_mine()
        assert asked.result() == beside.pid != os.getpid()


def test_reading_and_screening_mails_there_gives_the_same() -> None:
    screener = Screener()
    candidates = [Candidate(subject="Sole plate", text="Splice it or replace it?")]
    with Beside() as beside:
        mails = begun(beside.ask(partial(read_mails, [MAIL])))
        verdicts = begun(beside.ask(partial(screener.screen_many, candidates)))
        assert mails.result() == read_mails([MAIL])
        assert verdicts.result() == screener.screen_many(candidates)


def test_it_keeps_no_file_of_ours_open(tmp_path: Path) -> None:
    ours = tmp_path / "lock"
    this = "__import__('psutil').Process()"
    with ours.open("w"), Beside() as beside:
        is_open = begun(beside.ask(partial(eval, f"{str(ours)!r} in [file.path for file in {this}.open_files()]")))
        sockets = begun(beside.ask(partial(eval, f"len({this}.net_connections('all'))")))
        assert is_open.result() is False
        assert sockets.result() == 1  # its pipe


def test_what_has_not_begun_there_is_done_here() -> None:
    with Beside() as beside:
        begun(beside.ask(asleep))
        asked = beside.ask(whose)
        assert asked.is_mine()
        assert asked.result() == os.getpid()


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_process_had_in_hand_is_done_here(ending: signal.Signals) -> None:
    with Beside() as beside:
        asked = begun(beside.ask(partial(eval, f"__import__('os').kill({beside.pid}, {int(ending)}) if "
                                               f"__import__('os').getpid() == {beside.pid} else 'here'")))  # fmt: skip
        assert asked.result() == "here"
        assert beside.ask(whose).result() == os.getpid()


def test_what_is_asked_of_a_process_that_was_killed_is_done_here() -> None:
    with Beside() as beside:
        os.kill(beside.pid, signal.SIGKILL)
        while psutil.Process(beside.pid).status() != psutil.STATUS_ZOMBIE:
            sleep(0.005)
        assert begun(beside.ask(whose)).result() == os.getpid()


def test_an_error_over_there_is_raised_here(capfd: pytest.CaptureFixture[str]) -> None:
    with Beside() as beside:
        asked = begun(beside.ask(partial(eval, "1 / 0")))
        with pytest.raises(ZeroDivisionError):
            asked.result()
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_on_leaving_the_process_is_gone_whatever_it_was_doing() -> None:
    with Beside() as beside:
        begun(beside.ask(asleep))
    assert not psutil.pid_exists(beside.pid)


def test_it_ends_with_a_command_that_was_killed() -> None:
    command = (
        "import os; from moothall.core.beside import Beside; print(Beside().pid, flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    left = [process for process in psutil.process_iter() if process.pid == int(killed.stdout)]
    _, alive = psutil.wait_procs(left, timeout=20)
    assert not alive
