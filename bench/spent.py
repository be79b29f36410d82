"""What a command costs: its own time and memory, and apart from it the time of PostgreSQL."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_LOOKED_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Spent:
    """`peak_mb`: the most that was seen of the command's processes together, by `memory_mb`."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    postgres_cpu_s: float
    said: str


def spend(command: Sequence[str], environ: Mapping[str, str], postgres: int, log: Path) -> Spent:
    """Runs the command to its end; `postgres` is the process id of the server's main process."""
    before, began = postgres_cpu_s(postgres), time.perf_counter()
    with log.open("w+b") as output:
        process = subprocess.Popen(command, env=dict(environ), stdout=output, stderr=subprocess.STDOUT)
        most_mb, ended = 0.0, 0
        while not ended:
            most_mb = max(most_mb, memory_mb(process.pid))
            time.sleep(_LOOKED_EVERY_S)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.perf_counter() - began
        output.seek(0)
        said = output.read().decode(errors="replace")
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{said[-3000:]}")
    time.sleep(0.5)  # The backend that served it ends a moment later, and only then counts as the server's child.
    cpu_s = usage.ru_utime + usage.ru_stime
    return Spent(wall_s, cpu_s, most_mb, postgres_cpu_s(postgres) - before, said)


def memory_mb(pid: int) -> float:
    """Of a process and its children at this moment; pages that several share count once (PSS of proc_pid_smaps(5))."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return 0.0
    return sum(_share_mb(each) for each in (pid, *(child.pid for child in children)))


def _share_mb(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0  # it has ended
    found = re.search(r"^Pss:\s+(\d+) kB$", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def peak_mb(pid: int) -> float:
    """The most memory that a process has had since it began its program; 0 once it has ended.

    `ru_maxrss` is another figure: it begins with what the process had that started it (Linux, fs/exec.c).
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def cpu_s(pids: Iterable[int]) -> float:
    """Of living processes, by themselves and in the kernel."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(each.user + each.system for each in times))


def postgres_running_ms(postmaster: int) -> float:
    """How long the living processes of the server have run, to the microsecond; for what takes less than a tick."""
    total_ns = 0
    for child in psutil.Process(postmaster).children():
        try:
            # See the kernel's Documentation/scheduler/sched-stats.rst: nanoseconds on a CPU come first.
            total_ns += int(Path(f"/proc/{child.pid}/schedstat").read_text().split()[0])
        except (OSError, psutil.NoSuchProcess):
            continue
    return total_ns / 1e6


def postgres_cpu_s(postmaster: int) -> float:
    """Of the server's main process, its living children, and those that it has seen end."""
    main = psutil.Process(postmaster)
    times = main.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in main.children():
        try:
            own = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += own.user + own.system
    return float(total)


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[18]
