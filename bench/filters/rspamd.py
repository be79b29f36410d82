"""rspamd's Bayes classifier with its settings as shipped, but kept in SQLite: no Redis, no network, its own sockets."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from filters.filter import FilterFailed, Running, Work, children_cpu_s
from filters.mails import mail
from moothall_screening.features import Floats
from moothall_screening.labelled import Row

_UNSURE = 0.5
_CONFIGURATION = """
options {{
  pidfile = "{folder}/pid"; tempdir = "{folder}"; hs_cache_dir = "{folder}"; rrd = "";
  control_socket = "{folder}/control mode=0600";
  url_tld = "/usr/share/rspamd/effective_tld_names.dat";
  dns {{ nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }}
  filters = "";
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "error"; }}
worker "normal" {{ bind_socket = "{folder}/scan mode=0600"; count = 1; }}
worker "controller" {{ bind_socket = "{folder}/learn mode=0600"; count = 1; }}
classifier "bayes" {{
  tokenizer {{ name = "osb"; }}
  backend = "sqlite3";
  cache {{ path = "{folder}/learnt.sqlite"; }}
  min_tokens = 11;
  min_learns = 200;
  statfile {{ symbol = "BAYES_HAM"; path = "{folder}/ham.sqlite"; spam = false; }}
  statfile {{ symbol = "BAYES_SPAM"; path = "{folder}/spam.sqlite"; spam = true; }}
}}
"""


class Rspamd:
    name = "rspamd"
    needs = ("rspamd",)
    seen: frozenset[str] = frozenset()
    is_taught = True

    @contextmanager
    def running(self, work: Work) -> Iterator[Running]:
        folder = work.folder
        configuration = folder / "rspamd.conf"
        configuration.write_text(_CONFIGURATION.format(folder=folder))
        with (folder / "said").open("wb") as said:
            # As root it would look for a user to become.
            command = ["rspamd", "--no-fork", "--insecure", "--config", str(configuration)]
            daemon = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        try:
            _wait_for(daemon, work)
            yield _Running(work)
        finally:
            daemon.terminate()
            try:
                daemon.wait(timeout=30)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


class _Running:
    def __init__(self, work: Work) -> None:
        self._work = work

    def learn(self, rows: Sequence[Row]) -> None:
        for number, row in enumerate(rows):
            self._asked("learn", "/learnspam" if row.is_promotion else "/learnham", mail(row, number))

    def judge(self, rows: Sequence[Row]) -> Mapping[str, Floats]:
        answers = [self._asked("scan", "/checkv2", mail(row, number)) for number, row in enumerate(rows)]
        return {Rspamd.name: np.array([probability(answer) for answer in answers])}

    def cpu_s(self) -> float:
        return children_cpu_s()

    def _asked(self, worker: str, address: str, body: bytes) -> bytes:
        connection = _OverSocket(self._work.folder / worker, self._work.left_s())
        try:
            connection.request("POST", address, body)
            return connection.getresponse().read()
        except (OSError, http.client.HTTPException) as broken:
            self._work.left_s()
            raise FilterFailed(f"rspamd did not answer {address}: {broken}") from broken
        finally:
            connection.close()


def probability(answer: bytes) -> float:
    """Of being spam, from `BAYES_SPAM` or `BAYES_HAM` with such as `64.52%`; a half where it keeps silent."""
    symbols = json.loads(answer).get("symbols", {})
    for name, sign in (("BAYES_SPAM", 1.0), ("BAYES_HAM", -1.0)):
        if name in symbols:
            return _UNSURE + sign * float(symbols[name]["options"][0].rstrip("%")) / 200.0
    return _UNSURE


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _wait_for(daemon: subprocess.Popen[bytes], work: Work) -> None:
    """Until it listens; it compiles all top-level domains first."""
    while work.left_s() and not all((work.folder / name).exists() for name in ("scan", "learn")):
        if daemon.poll() is not None:
            raise FilterFailed(f"rspamd did not start: {(work.folder / 'said').read_text(errors='replace')[-500:]}")
        time.sleep(0.1)
