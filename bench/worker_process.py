"""One of Moothall's workers, with its queries counted: `worker_process.py REPORT [MODULE]`.

The module may add tasks that a measurement wants done. The report is written when the worker is asked to end.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from spent import peak_mb

django.setup()

from django.core.management import call_command  # noqa: E402 - once Django is set up
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402


class Counted:
    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.queries += 1
        return execute(*args)

    def watch(self, connection: BaseDatabaseWrapper, **kwargs: object) -> None:
        """It may connect again and again."""
        if self not in connection.execute_wrappers:
            connection.execute_wrappers.append(self)


def main() -> None:
    report, *modules = sys.argv[1:]
    for module in modules:
        importlib.import_module(module)
    counted = Counted()
    connection_created.connect(counted.watch)
    # As `moothall up` starts it.
    call_command("procrastinate", "worker", "--delete-jobs", "successful", "--name", f"bench:{os.getpid()}")
    Path(report).write_text(json.dumps({"queries": counted.queries, "peak_mb": peak_mb(os.getpid())}))


if __name__ == "__main__":
    main()
