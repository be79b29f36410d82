"""A site under gunicorn with one synchronous worker on one core, and what its pages cost."""

from __future__ import annotations

import http.client
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from spent import p95, postgres_running_ms

CORE = 0
START_TIMEOUT_S = 60
# With a browser's name: HyperKitty serves robots another page.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    queries: int
    wall_ms: float
    cpu_ms: float
    postgres_ms: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one page, or of several that are read together."""

    requests: int
    queries: int
    p50_ms: float
    p95_ms: float
    cpu_p50_ms: float
    cpu_p95_ms: float
    postgres_p50_ms: float
    size_kb: float


@dataclass(frozen=True, slots=True)
class Site:
    """What gunicorn runs: its Python has the site's packages, `environ` names its settings."""

    name: str
    python: Path
    environ: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    port: int
    postgres: int

    def get(self, address: str) -> Answer:
        """Nothing else may ask the database meanwhile: all that it does counts for this request."""
        before_ms = postgres_running_ms(self.postgres)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", address, headers={"User-Agent": USER_AGENT})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status != 200:
            raise SystemExit(f"{self.name}: {address} answered {response.status}\n{body[:2000].decode()}")
        postgres_ms = postgres_running_ms(self.postgres) - before_ms
        queries, wall_ms, cpu_ms = response.headers["X-Cost"].split()
        return Answer(body, int(queries), float(wall_ms), float(cpu_ms) + postgres_ms, postgres_ms)


@contextmanager
def served(site: Site, postgres: int, log: Path) -> Iterator[Server]:
    port = _free_port()
    command = [str(site.python), "-m", "gunicorn", "counted:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "sync", "--workers", "1", "--log-level", "warning", "--no-control-socket"]
    here = str(Path(__file__).parent)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**site.environ, "PYTHONPATH": here}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(port, process, log)
        main = psutil.Process(process.pid)
        for one in (main, *main.children()):
            one.cpu_affinity([CORE])
        yield Server(site.name, port, postgres)
    finally:
        process.terminate()
        process.wait(timeout=30)


def cost_of(rounds: Sequence[Sequence[Answer]]) -> Cost:
    """From some rounds of reading the same pages."""
    walls = [sum(answer.wall_ms for answer in answers) for answers in rounds]
    cpus = [sum(answer.cpu_ms for answer in answers) for answers in rounds]
    last = rounds[-1]
    return Cost(
        requests=len(last),
        queries=sum(answer.queries for answer in last),
        p50_ms=statistics.median(walls),
        p95_ms=p95(walls),
        cpu_p50_ms=statistics.median(cpus),
        cpu_p95_ms=p95(cpus),
        postgres_p50_ms=statistics.median(sum(answer.postgres_ms for answer in answers) for answers in rounds),
        size_kb=sum(len(answer.body) for answer in last) / 1024,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The server did not start:\n{log.read_text()[-3000:]}")


def path_of(address: str) -> str:
    """An address on the same site, as a request line has it."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
