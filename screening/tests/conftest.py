from __future__ import annotations

import pytest

from moothall_screening import Screener


@pytest.fixture(scope="session")
def screener() -> Screener:
    return Screener()
