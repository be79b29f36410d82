import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import current_process
from types import FrameType

import pytest
from django.utils import timezone

from moothall.cli.supervisor import Program, Supervisor, started

NOBODY = 65_534
PATIENCE_S = 60


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class _StopAtWords:
    """Stops the supervisor once it or one of its programs has said this."""

    def __init__(self, words: str, captured: pytest.CaptureFixture[str]) -> None:
        self.words = words
        self.captured = captured
        self.said = ""

    def look(self) -> None:
        self.said += self.captured.readouterr().out
        if self.words in self.said:
            os.kill(os.getpid(), signal.SIGTERM)


def test_program_that_fails_at_once_is_tried_again_after_growing_pauses(capfd: pytest.CaptureFixture[str]) -> None:
    end = _StopAtWords("in 1 s", capfd)
    supervisor = Supervisor([Program("worker", _fail)], [end.look])
    supervisor.listen_for_signals()

    supervisor.run()

    again = "worker ended (exit code 3); starting it again in"
    assert end.said.splitlines() == ["here", f"{again} 0.25 s", "here", f"{again} 0.5 s", "here", f"{again} 1 s"]


def _fail() -> None:
    print("here", flush=True)
    raise SystemExit(3)


def test_programs_are_asked_to_end_and_waited_for(capfd: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor([Program("web", _tidy_up_when_asked)], [_StopAtWords("ready", capfd).look])
    supervisor.listen_for_signals()

    supervisor.run()

    assert capfd.readouterr().out == "tidied\n"


def _tidy_up_when_asked() -> None:
    def tidy_up(number: int, frame: FrameType | None) -> None:
        print("tidied", flush=True)
        sys.exit()

    signal.signal(signal.SIGTERM, tidy_up)
    print("ready", flush=True)
    signal.pause()


def test_program_that_does_not_end_when_asked_is_ended_by_force(capfd: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor([Program("web", _go_on_when_asked)], [_StopAtWords("ready", capfd).look], patience_s=0.5)
    supervisor.listen_for_signals()

    supervisor.run()

    assert capfd.readouterr().out == "web did not end within 0.5 s; it is ended by force\n"


def _go_on_when_asked() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready", flush=True)
    time.sleep(PATIENCE_S)


def test_program_that_goes_by_the_clock_begins_anew_when_that_goes_back(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    end = _StopAtWords("starting it again", capfd)
    programs = [Program("web", _wait_to_be_asked), Program("worker", _wait_to_be_asked, goes_by_clock=True)]
    supervisor = Supervisor(programs, [end.look, lambda: _put_back_when("worker waits" in end.said, monkeypatch)])
    supervisor.listen_for_signals()

    supervisor.run()

    assert "worker ended (SIGTERM); starting it again in 0.25 s" in end.said
    assert "web ended" not in end.said


def _put_back_when(is_time: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_time:
        monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) - timedelta(hours=3))


def _wait_to_be_asked() -> None:
    print(f"{current_process().name} waits", flush=True)
    signal.pause()


def test_program_for_which_there_is_no_process_is_tried_again(capfd: pytest.CaptureFixture[str]) -> None:
    supervising = started(Program("limited", _supervise_with_no_process_to_spare))
    assert supervising.pid is not None
    heard = _Heard(capfd)

    heard.wait_for("trying again in 0.5 s")
    os.kill(supervising.pid, signal.SIGUSR1)
    heard.wait_for("worker waits")
    os.kill(supervising.pid, signal.SIGTERM)
    supervising.join()

    assert supervising.exitcode == 0
    told = "worker can't be started (Resource temporarily unavailable); trying again in"
    assert heard.said.startswith(f"{told} 0.25 s\n{told} 0.5 s\n")
    assert heard.said.endswith("worker waits\n")


def _supervise_with_no_process_to_spare() -> None:
    _spare_no_process()
    signal.signal(signal.SIGUSR1, _spare_processes)
    supervisor = Supervisor([Program("worker", _wait_to_be_asked)], [])
    supervisor.listen_for_signals()
    supervisor.run()


def _spare_no_process() -> None:
    """As a user whom the limit binds, as it does not bind root."""
    if os.geteuid() == 0:
        os.setuid(NOBODY)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, resource.getrlimit(resource.RLIMIT_NPROC)[1]))


def _spare_processes(number: int, frame: FrameType | None) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


class _Heard:
    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self.captured = captured
        self.said = ""

    def wait_for(self, words: str) -> None:
        until_s = time.monotonic() + PATIENCE_S
        while words not in self.said:
            assert time.monotonic() < until_s, self.said
            time.sleep(0.05)
            self.said += self.captured.readouterr().out


def test_program_for_which_there_is_no_process_leaves_no_file_open(capfd: pytest.CaptureFixture[str]) -> None:
    """A supervisor that tries for hours would come to have none left."""
    trying = started(Program("limited", _count_files_left_open))
    trying.join()

    assert capfd.readouterr().out == "0\n"


def _count_files_left_open() -> None:
    _spare_no_process()
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(BlockingIOError):
        started(Program("worker", _wait_to_be_asked))
    print(len(os.listdir("/proc/self/fd")) - before, flush=True)


def test_nohup_keeps_the_site_running_when_the_terminal_closes() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    Supervisor([], []).listen_for_signals()

    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
