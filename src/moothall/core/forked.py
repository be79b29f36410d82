"""What a forked process does before anything else."""

import os
import sys
from itertools import pairwise


def close_all_but(*kept: int) -> None:
    """Standard output and error stay, for what goes wrong; whoever replaced them here did so over files of theirs."""
    for before, after in pairwise([2, *sorted(kept), os.sysconf("SC_OPEN_MAX")]):
        os.closerange(before + 1, after)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
