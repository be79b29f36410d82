"""Mailman core 3.3.10: its own environment, its default database (SQLite), its LMTP and outgoing runners."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from listening import free_port, wait_for_port
from peer_environment import environment, install

NAME = "mailman"
PATIENCE_S = 60
_SETTINGS = """
[mailman]
layout: here

[paths.here]
var_dir: {folder}/var

[mta]
incoming: mailman.mta.null.NullMTA
lmtp_host: 127.0.0.1
lmtp_port: {lmtp_port}
smtp_host: 127.0.0.1
smtp_port: {smtp_port}
verp_delivery_interval: {verp}

[webservice]
port: {web_port}
"""


class Mailman:
    """One list in `folder`, whose mail leaves to `smtp_port`."""

    def __init__(self, folder: Path, smtp_port: int) -> None:
        self.folder = folder
        self.smtp_port = smtp_port
        self.lmtp_port = free_port()
        self.log = folder / "mailman.log"
        self._settings = folder / "mailman.cfg"

    def set_up(self, address: str, members: Sequence[str]) -> None:
        install(NAME)
        self.folder.mkdir()
        self._configure(verp=0)
        listed = self.folder / "members"
        listed.write_text("\n".join(members))
        fill = Path(__file__).with_name("mailman_fill.py")
        self._run("python", str(fill), str(self._settings), address, str(listed))

    def start(self, *, verp: int) -> None:
        """`verp` is `verp_delivery_interval`: 0 sends to ten recipients at once, 1 to each alone."""
        self._configure(verp=verp)
        self._mailman("start")
        wait_for_port(self.lmtp_port)

    def stop(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self._mailman("stop")
        _, alive = psutil.wait_procs(self.processes(), timeout=PATIENCE_S)
        for process in alive:
            process.kill()

    def processes(self) -> list[psutil.Process]:
        """The master and all runners."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def cpu_s(self) -> float:
        times = [process.cpu_times() for process in self.processes()]
        return float(sum(each.user + each.system for each in times))

    def wait_until_all_run(self) -> None:
        """Start-up costs more than a mail; it ends when the processes' time hardly grows any more."""
        until_s = time.monotonic() + PATIENCE_S
        before = -1.0
        while (spent_s := self.cpu_s()) - before > 0.3:
            if time.monotonic() > until_s:
                raise SystemExit(f"Mailman does not come to rest; its log is {self.log}.")
            before = spent_s
            time.sleep(3)

    def _configure(self, *, verp: int) -> None:
        values = {"folder": self.folder, "lmtp_port": self.lmtp_port, "smtp_port": self.smtp_port, "verp": verp}
        self._settings.write_text(_SETTINGS.format(**values, web_port=free_port()))

    def _mailman(self, command: str) -> None:
        self._run("mailman", "--run-as-root", "-C", str(self._settings), command)

    def _run(self, program: str, *arguments: str) -> None:
        # Not through pipes: the master inherits them and would hold them open.
        with self.log.open("ab") as log:
            command = [str(environment(NAME) / "bin" / program), *arguments]
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True)

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return str(self._settings) in process.cmdline()
        except psutil.Error:
            return False
