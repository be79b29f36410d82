"""A Django site behind gunicorn, with what each answer cost in a header of it: queries, milliseconds, CPU-milliseconds.

Also runs in the peer's own environment, so it imports nothing but Django.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connection

site = get_wsgi_application()


class QueryCount:
    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.queries += 1
        return execute(*arguments)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    count = QueryCount()
    wall, cpu = time.perf_counter(), time.process_time()

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        took_ms = (time.perf_counter() - wall) * 1000
        cpu_ms = (time.process_time() - cpu) * 1000
        return start_response(status, [*headers, ("X-Cost", f"{count.queries} {took_ms:.3f} {cpu_ms:.3f}")], *rest)

    with connection.execute_wrapper(count):
        return site(environ, start)
