from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from moothall_screening import Screener

# By default an example that takes a fifth of a second fails its test, which a busy machine does to any.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def screener() -> Screener:
    """Loaded whole, since all judges of a process share the sentence model of one that has it."""
    screener = Screener()
    screener.is_wide("Old houses")
    return screener
