"""`make bench-mail-peers`: Moothall beside Mailman core 3.3.10, from LMTP to the last delivery.

One list of 2,000 members, 10 mails by one of them (2 for the slowest), into the same SMTP sink (aiosmtpd), in one run:
first Moothall (its listener, PostgreSQL, and a worker for each core; then with one worker), then Mailman as it comes
(ten recipients a transaction, SQLite), then Mailman with `verp_delivery_interval: 1`, with which it writes to each
member alone as Moothall always does. CPU is that of all processes of each but the sink, after one mail for warming up.
Wanted: at most half of Mailman with that setting, and not more than Mailman as it comes.
"""

from __future__ import annotations

import json
import os
import smtplib
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

from installation import fresh_site
from letters import address, letters
from listening import free_port, listener
from mailman_peer import Mailman
from peers_table import at_most
from rich.console import Console
from rich.table import Table
from sink import Sink, sink
from spent import cpu_s, postgres_cpu_s
from workers import Workers

from moothall.core.embedded_postgres import EmbeddedPostgres

DOMAIN = "moot.example"
LIST = f"group-0@{DOMAIN}"
AUTHOR = address(0, 0, DOMAIN)
MEMBERS = 2000
MAILS = 10
WORKERS = (2, 1)
AS_IT_COMES, ONE_BY_ONE = "Mailman", "Mailman, one by one"
WANTED = {AS_IT_COMES: 1.0, ONE_BY_ONE: 0.5}
# Mailman takes minutes for ten of these; CPU and wall time are told for each delivery.
MAILS_ONE_BY_ONE = 2
PATIENCE_S = 400
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Measured:
    who: str
    deliveries: int
    wall_s: float
    cpu_s: float
    sink_cpu_s: float


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="moothall-mail-peers-") as name:
        folder = Path(name)
        with sink(folder / "received") as taker:
            mails = int(sys.argv[1]) if sys.argv[1:] else MAILS
            rows = [*_each_alone(taker, mails), *_peers(folder, taker, mails)]
    _print(rows)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "mail-peers.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0


def _each_alone(taker: Sink, mails: int) -> list[Measured]:
    """On a site of its own for each number of workers, since a text that was posted before is not mailed again; and in
    a process of its own, since Django is set up once."""
    spawn = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as alone:
        return [alone.submit(_ours, taker, mails, count).result() for count in WORKERS]


def _ours(taker: Sink, mails: int, count: int) -> Measured:
    settings = {"MOOTHALL_MAIL_DOMAIN": DOMAIN, "MOOTHALL_EMAIL_URL": f"smtp://127.0.0.1:{taker.port}"}
    with fresh_site(settings) as data:
        from mail_groups import fill_groups  # noqa: PLC0415 - only once Django is set up

        from moothall.groups.models import MailChoice  # noqa: PLC0415

        # Its author is sent no copy.
        fill_groups(DOMAIN, groups=1, members=MEMBERS + 1, choice=MailChoice.INSTANT)
        postgres = EmbeddedPostgres(data).pid() or 0
        workers = Workers(data / "workers", {}, ["warmed_worker"])
        with listener(free_port(), data / "listener.log") as (port, pid):
            try:
                workers.start(count)
                spent = lambda: workers.cpu_s() + cpu_s([pid]) + postgres_cpu_s(postgres)  # noqa: E731
                return _measured(f"Moothall, {_so_many(count)}", taker, port, spent, mails)
            finally:
                workers.kill()


def _so_many(workers: int) -> str:
    return f"{workers} worker{'s' if workers > 1 else ''}"


def _peers(folder: Path, taker: Sink, most: int) -> list[Measured]:
    mailman = Mailman(folder / "mailman", taker.port)
    mailman.set_up(LIST, [address(n, 0, DOMAIN) for n in range(MEMBERS)])
    rows = []
    for name, verp, mails in ((AS_IT_COMES, 0, most), (ONE_BY_ONE, 1, min(most, MAILS_ONE_BY_ONE))):
        try:
            mailman.start(verp=verp)
            mailman.wait_until_all_run()
            rows.append(_measured(name, taker, mailman.lmtp_port, mailman.cpu_s, mails))
        finally:
            mailman.stop()
    return rows


def _measured(who: str, taker: Sink, port: int, spent_s: Callable[[], float], mails: int) -> Measured:
    _send(taker, port, [_mail(who, 0)])
    before = (spent_s(), taker.cpu_s())
    began = time.time()
    _send(taker, port, [_mail(who, number) for number in range(1, mails + 1)])
    time.sleep(1)  # Whatever is noted or cleared away after the last delivery.
    after = (spent_s(), taker.cpu_s())
    received = [at for at, _ in taker.received() if at >= began]
    costs = [late - early for late, early in zip(after, before, strict=True)]
    row = Measured(who, len(received), max(received) - began, *costs)
    print(row, flush=True)
    return row


def _send(taker: Sink, port: int, mails: Sequence[bytes]) -> None:
    wanted = taker.count() + len(mails) * MEMBERS
    with smtplib.LMTP("127.0.0.1", port) as client:
        for mail in mails:
            client.sendmail(AUTHOR, [LIST], mail)
    until_s = time.monotonic() + PATIENCE_S
    while taker.count() < wanted:
        if time.monotonic() > until_s:
            raise SystemExit(f"{wanted - taker.count()} deliveries are missing after {PATIENCE_S} s.")
        time.sleep(0.5)


def _mail(who: str, number: int) -> bytes:
    letter = next(letters([[AUTHOR]], DOMAIN, number, 1))
    return letter.raw.replace(b".letter@", b".%d.letter@" % (sum(who.encode()),))


def _print(rows: list[Measured]) -> None:
    ours, peers = rows[: len(WORKERS)], rows[len(WORKERS) :]
    title = f"Mails to {MEMBERS:,} members; load {os.getloadavg()[0]:.1f}"
    table = Table("", "deliveries", "wall ms each", "CPU ms each", "sink's CPU ms", title=title)
    for mine in ours:
        table.add_column(f"CPU of {mine.who} to it")
        table.add_column("wall")
    for row in rows:
        each = [1000 * total / row.deliveries for total in (row.wall_s, row.cpu_s, row.sink_cpu_s)]
        ratios = [_ratio(mine, row, what) for mine in ours for what in ("cpu_s", "wall_s")] if row in peers else []
        table.add_row(row.who, f"{row.deliveries:,}", *(f"{figure:.2f}" for figure in each), *ratios)
    Console(width=140).print(table)


def _ratio(ours: Measured, peer: Measured, what: str) -> str:
    ratio = getattr(ours, what) / ours.deliveries / (getattr(peer, what) / peer.deliveries)
    return at_most(ratio, WANTED[peer.who])


if __name__ == "__main__":
    sys.exit(main())
