"""The SMTP server that measurements send to: a process of its own, and what it was given."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spent import cpu_s

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Sink:
    port: int
    pid: int
    file: Path

    def received(self) -> list[tuple[float, str]]:
        """When each recipient's mail was taken, in seconds since 1970, and whose it was."""
        lines = [line.split(" ", 1) for line in self.file.read_text().splitlines()]
        return [(float(at), recipient) for at, recipient in lines]

    def count(self) -> int:
        """Of recipients, cheaply: whoever waits looks often."""
        return self.file.read_bytes().count(b"\n")

    def cpu_s(self) -> float:
        return cpu_s([self.pid])


@contextmanager
def sink(file: Path, port: int = 0) -> Iterator[Sink]:
    """At any free port where none is named."""
    command = [sys.executable, str(HERE / "sink_process.py"), str(file), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Sink(int(process.stdout.readline()), process.pid, file)
    finally:
        process.terminate()
        process.wait(timeout=30)
