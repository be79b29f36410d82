"""The pipe as docs/mail.md has it: its scripts, run as a mail server runs them, with nothing of our own around them."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from postfix_server import documented

from tests.cli.installation import MOOTHALL, Installation

RECEIVE, RECEIVE_FOR_EXIM = "/usr/local/bin/moothall-receive", "/usr/local/bin/moothall-receive-exim"
DOCUMENTED_PROGRAM, DOCUMENTED_SETTINGS = "/srv/moothall/.venv/bin/moothall", "/etc/moothall.env"
# Of pipe(8) and of Exim's pipe transport.
_SURROUNDINGS = {"PATH": "/usr/bin:/bin"}


@dataclass(frozen=True, slots=True)
class Pipe:
    folder: Path

    def receive(self, raw: bytes, *arguments: str) -> int:
        """As Postfix runs it; returns the exit code."""
        return _run([str(self.folder / "moothall-receive"), *arguments], raw, {})

    def receive_for_exim(self, raw: bytes, sender: str, recipient: str) -> int:
        return _run([str(self.folder / "moothall-receive-exim")], raw, {"SENDER": sender, "RECIPIENT": recipient})


@contextmanager
def pipe(site: Installation, **settings: str) -> Iterator[Pipe]:
    """Into the site, with these settings beside its own."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        given = {each: value for each, value in site.environ(**settings).items() if each not in _SURROUNDINGS}
        (folder / "moothall.env").write_text("".join(f"{each}={shlex.quote(value)}\n" for each, value in given.items()))
        for script in (RECEIVE, RECEIVE_FOR_EXIM):
            lines = documented(f"`{script}`:").replace(f"{RECEIVE} ", f"{folder}/moothall-receive ")
            lines = lines.replace(DOCUMENTED_SETTINGS, f"{folder}/moothall.env").replace(
                DOCUMENTED_PROGRAM, str(MOOTHALL)
            )
            written = folder / Path(script).name
            written.write_text(lines)
            written.chmod(0o755)
        yield Pipe(folder)


def _run(command: list[str], raw: bytes, environ: dict[str, str]) -> int:
    return subprocess.run(command, input=raw, env=_SURROUNDINGS | environ, check=False).returncode
