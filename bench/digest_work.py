"""One worker of the digest measurement: builds what is due, or sends what waits; says what that took."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from digest_filling import AT  # noqa: E402
from django.db import connection  # noqa: E402 - once Django is set up

from moothall.mailer.models import OutboundMessage  # noqa: E402
from moothall.mailer.sending import send_due  # noqa: E402
from moothall.notifications.digests import build_due  # noqa: E402
from moothall.notifications.preparing import prepare  # noqa: E402


class Counted:
    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.queries += 1
        return execute(*args)


def main() -> None:
    counted = Counted()
    with connection.execute_wrapper(counted):
        if sys.argv[1] == "build":
            done = build_due(AT)
            OutboundMessage.objects.update(due_at=AT)
        else:
            done = send_due(prepare).sent
    usage = resource.getrusage(resource.RUSAGE_SELF)
    said = {
        "done": done,
        "queries": counted.queries,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
