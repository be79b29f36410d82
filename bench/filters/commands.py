"""Programs of others, run to their end within a time."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

from filters.filter import FilterFailed, Work


def said_by(
    command: Sequence[str], work: Work, *, given: bytes = b"", environ: Mapping[str, str] | None = None
) -> bytes:
    """What the command printed.

    Raises
    ------
    FilterFailed
        if it failed or took longer than is left.
    """
    try:
        run = subprocess.run(command, input=given, capture_output=True, env=environ, timeout=work.left_s(), check=False)
    except subprocess.TimeoutExpired as late:
        raise FilterFailed(f"{command[0]} was given up after {late.timeout:.0f} s") from late
    # bogofilter's statuses 0 to 2 tell how it judged the last mail.
    if run.returncode not in ((0, 1, 2) if command[0] == "bogofilter" else (0,)):
        raise FilterFailed(f"{command[0]} ended with {run.returncode}: {run.stderr.decode(errors='replace')[-500:]}")
    return run.stdout
