"""`make bench-inbound`: mails a second from the listener (LMTP) to the published post, and none lost by kills.

20 groups of 50 members; the site's real listener and real workers. First 500 mails with two workers; then 500
through a real Postfix, where one is installed; then 2,000, while one worker after the other is killed (SIGKILL), 20
times on the way, and started again as `moothall up` does. What was sent and what is there are compared by Message-ID:
a mail that is lost, or there twice, makes the command fail.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from installation import fresh_site
from rich.console import Console
from rich.table import Table

DOMAIN = "moot.example"
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    with fresh_site({"MOOTHALL_MAIL_DOMAIN": DOMAIN}) as data:
        from inbound_runs import Runs  # noqa: PLC0415 - only once Django is set up

        runs = Runs(data, DOMAIN, int(sys.argv[1]) if sys.argv[1:] else None)
        rows = [asdict(row) for row in (runs.quiet(), *runs.through_postfix(), runs.killed())]
    columns = ("mails", "sent", "posts", "held", "lost", "twice", "kills", "taken in, s", "posted, s", "a second")
    title = f"Mails from LMTP to posts, 20 groups, load {os.getloadavg()[0]:.1f}"
    table = Table(*columns, "CPU ms each", "PostgreSQL ms", "peak MB", title=title)
    for row in rows:
        table.add_row(*(f"{value:,.1f}" if isinstance(value, float) else str(value) for value in row.values()))
    Console(width=140).print(table)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "inbound.json").write_text(json.dumps(rows, indent=1))
    return int(any(row["lost"] or row["twice"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
