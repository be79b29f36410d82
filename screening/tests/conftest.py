from __future__ import annotations

import pytest

from moothall_screening import Screener


@pytest.fixture(scope="session")
def screener() -> Screener:
    """Loaded whole, since all judges of a process share the sentence model of one that has it."""
    screener = Screener()
    screener.is_wide("Old houses")
    return screener
