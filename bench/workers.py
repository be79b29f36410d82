"""Moothall's workers as processes, one for each core, for as long as a measurement runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spent import cpu_s

HERE = Path(__file__).parent
PATIENCE_S = 420
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Worked:
    """What one worker did in its life, as it says itself."""

    queries: int
    peak_mb: float


@dataclass(slots=True)
class Workers:
    folder: Path
    settings: dict[str, str]
    modules: Sequence[str] = ()
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, count: int) -> None:
        from procrastinate.contrib.django.models import ProcrastinateWorker  # noqa: PLC0415 - once Django is set up

        ProcrastinateWorker.objects.all().delete()
        self.folder.mkdir(exist_ok=True)
        self.processes = [self._started(number) for number in range(count)]
        self.wait_until(lambda: ProcrastinateWorker.objects.count() >= count)

    def replace(self, number: int) -> None:
        """Kills this one outright, and starts another at once, as the supervisor does."""
        self.processes[number].kill()
        self.processes[number].wait()
        self.processes[number] = self._started(number)

    def _started(self, number: int) -> subprocess.Popen[bytes]:
        environ = {**os.environ, **self.settings, "PYTHONPATH": str(HERE)}
        command = [sys.executable, str(HERE / "worker_process.py"), str(self._report(number)), *self.modules]
        with (self.folder / "workers.log").open("ab") as log:
            return subprocess.Popen(command, env=environ, stdout=log, stderr=log)

    def _report(self, number: int) -> Path:
        return self.folder / f"worker-{number}.json"

    def cpu_s(self) -> float:
        return cpu_s([process.pid for process in self.processes])

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Raises SystemExit with the workers' log when it does not come true, or when one of them has ended."""
        until_s = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > until_s or any(process.poll() is not None for process in self.processes):
                log = (self.folder / "workers.log").read_text(errors="replace")
                raise SystemExit(f"A worker ended, or {PATIENCE_S} s were not enough:\n{log[-3000:]}")
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> list[Worked]:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=60)
        return [Worked(**json.loads(self._report(number).read_text())) for number in range(len(self.processes))]

    def kill(self) -> None:
        """What is left of them, at the end of a measurement that failed."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
