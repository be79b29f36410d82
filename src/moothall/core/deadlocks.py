"""Transactions that may wait for each other: PostgreSQL ends one of them, and that one is done again."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected

TRIES = 3
# Begun again at once, it takes its rows before the transaction it was ended for has woken, and both wait once more.
PAUSE_S = 0.2

Asked = ParamSpec("Asked")
Got = TypeVar("Got")


def again_after_deadlock(act: Callable[Asked, Got]) -> Callable[Asked, Got]:
    """For what is one transaction, after reading at most. Within another it is left to whoever began that one."""

    @wraps(act)
    def tried(*args: Asked.args, **kwargs: Asked.kwargs) -> Got:
        for _ in range(1 if connection.in_atomic_block else TRIES - 1):
            try:
                return act(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block or not isinstance(error.__cause__, DeadlockDetected):
                    raise
                time.sleep(PAUSE_S)
        return act(*args, **kwargs)

    return tried
