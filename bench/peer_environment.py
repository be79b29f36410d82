"""Peers are installed into environments of their own in .peers/, beside Moothall's."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def environment(name: str) -> Path:
    return HERE.parent / ".peers" / name


def install(name: str) -> None:
    """By `<name>-requirements.txt`, once for each state of that file."""
    requirements = HERE / f"{name}-requirements.txt"
    state = hashlib.sha256(requirements.read_bytes()).hexdigest()
    stamp = environment(name) / ".made"
    if stamp.exists() and stamp.read_text() == state:
        return
    print(f"Installing {name} into .peers …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment(name))], check=True)
    pip = [str(environment(name) / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-deps", "--requirement", str(requirements)], check=True)
    stamp.write_text(state)
