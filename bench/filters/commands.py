"""Programs of others, run to their end within a time."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

from filters.filter import PATIENCE_S, FilterFailed


def said_by(command: Sequence[str], *, given: bytes = b"", environ: Mapping[str, str] | None = None) -> bytes:
    """What the command printed.

    Raises
    ------
    FilterFailed
        if it failed or took longer than `PATIENCE_S`.
    """
    try:
        run = subprocess.run(command, input=given, capture_output=True, env=environ, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired as late:
        raise FilterFailed(f"{command[0]} was given up after {PATIENCE_S} s") from late
    # bogofilter's statuses 0 to 2 tell how it judged the last mail.
    if run.returncode not in ((0, 1, 2) if command[0] == "bogofilter" else (0,)):
        raise FilterFailed(f"{command[0]} ended with {run.returncode}: {run.stderr.decode(errors='replace')[-500:]}")
    return run.stdout
