"""A real Postfix with a configuration and queue of its own in a temporary folder, at ports of this machine alone.

Its lines about Moothall come from docs/mail.md, so that what is documented is what is tried. It needs root, since
Postfix's own programs change users, and Debian's package, of which the machine's own instance is left alone.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs" / "mail.md"
MASTER = Path("/usr/share/postfix/master.cf.dist")  # Debian's own, chroot and all
PATIENCE_S = 30
_BLOCK = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
_OWN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.moot.example
mydestination =
alias_maps =
alias_database =
mynetworks = 127.0.0.1/32
relayhost = [127.0.0.1]:{outward_port}
smtp_host_lookup = native
address_verify_poll_delay = 1s
"""


def missing() -> str:
    """Why no Postfix can be started here; an empty string when one can."""
    if shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None or not MASTER.exists():
        return "Postfix is not installed; as root: apt install postfix"
    return "" if os.geteuid() == 0 else "Postfix is started by root only"


def documented(after: str) -> str:
    """The first block of configuration below these words of docs/mail.md."""
    _, found, below = DOCS.read_text(encoding="utf-8").partition(after)
    match = _BLOCK.search(below)
    if not found or match is None:
        raise SystemExit(f"docs/mail.md has no block after “{after}”.")
    return match[1]


@dataclass(frozen=True, slots=True)
class Postfix:
    folder: Path
    port: int

    @property
    def log(self) -> str:
        return (self.folder / "mail.log").read_text(errors="replace")

    def flush(self) -> None:
        """Try at once what waits for another try."""
        self.run("flush")

    def run(self, command: str) -> None:
        done = subprocess.run(
            ["/usr/sbin/postfix", "-c", str(self.folder / "etc"), command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"postfix {command} failed:\n{done.stdout}{done.stderr}")

    def cpu_pids(self) -> list[int]:
        master = int((self.folder / "queue" / "pid" / "master.pid").read_text())
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return [master, *(int(child) for child in children)]


@contextmanager
def postfix(folder: Path, port: int, outward_port: int, lines: str) -> Iterator[Postfix]:
    """Takes mail at `port`, hands Moothall's on as `lines` say, and whatever is for elsewhere to `outward_port`.

    Other users must be able to pass through `folder`. Its queue lies in `queue/`, as Debian's in /var/spool/postfix.
    """
    made = Postfix(folder, port)
    _write(folder, port, outward_port, lines)
    made.run("start")
    try:
        yield made
    finally:
        made.run("stop")
        _wait_for_end(folder)


@contextmanager
def folder_for_postfix() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _write(folder: Path, port: int, outward_port: int, lines: str) -> None:
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir(mode=0o755, exist_ok=True)
    owner = pwd.getpwnam("postfix")
    os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
    master = MASTER.read_text().replace("\nsmtp      inet", f"\n127.0.0.1:{port} inet")
    (folder / "etc" / "master.cf").write_text(master)
    own = _OWN.format(folder=folder, outward_port=outward_port)
    (folder / "etc" / "main.cf").write_text(f"{own}{lines}")


def _wait_for_end(folder: Path) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while any(f"MAIL_CONFIG={folder}/etc" in _environ(pid) for pid in os.listdir("/proc") if pid.isdigit()):
        if time.monotonic() > until_s:
            raise SystemExit(f"Postfix in {folder} does not end.")
        time.sleep(0.1)


def _environ(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return ""
