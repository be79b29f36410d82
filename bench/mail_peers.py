"""`make bench-mail-peers`: Moothall beside Mailman core 3.3.10, from LMTP to the last delivery.

One list of 2,000 members, 10 mails by one of them, into the same SMTP sink (aiosmtpd), in one run. They take turns,
five mails at a time, so that a machine whose speed changes does so for all, and none is timed by how often it looks for
work: Moothall (its listener, PostgreSQL, and a worker for each core), Mailman as it comes (ten recipients a
transaction, SQLite), Moothall with one worker. Then Mailman with `verp_delivery_interval: 1`, with which it writes to
each member alone as Moothall always does; it needs minutes for ten mails, so 2. CPU is that of all processes of each
but the sink, in its own turns, each after one mail for warming up.
Wanted: at most half of Mailman with that setting, and not more than Mailman as it comes.
"""

from __future__ import annotations

import json
import os
import smtplib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
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
MEMBERS = 2000
TURNS, MAILS_A_TURN = 2, 5
WORKERS = 2
OURS, OURS_ALONE = "Moothall, 2 workers", "Moothall, 1 worker"
AS_IT_COMES, ONE_BY_ONE = "Mailman", "Mailman, one by one"
WANTED = {AS_IT_COMES: 1.0, ONE_BY_ONE: 0.5}
MAILS_ONE_BY_ONE = 2
PATIENCE_S = 400
RESULTS = Path(__file__).parent / "results"


@dataclass(slots=True)
class Measured:
    """What the deliveries of one taker of turns have cost so far."""

    who: str
    deliveries: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    sink_cpu_s: float = 0.0
    wall_s_of_turns: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Turns:
    """Who takes a turn: where its mail is handed in, and what its processes have spent.

    A site mails no text twice, and takes 20 topics a day from anybody: who shares one has an author and texts apart.
    """

    row: Measured
    mails: int
    port: int
    spent_s: Callable[[], float]
    get_ready: Callable[[], None] = lambda: None
    texts_from: int = 0
    author: str = address(0, 0, DOMAIN)

    def take(self, taker: Sink, turn: int) -> None:
        """One mail for warming up, then those that count, to the last delivery."""
        first = turn * (1 + MAILS_A_TURN)
        self.get_ready()
        self._send(taker, [first])
        time.sleep(1)  # Whatever is noted or cleared away after the last delivery.
        before = (self.spent_s(), taker.cpu_s())
        began = time.time()
        self._send(taker, range(first + 1, first + 1 + self.mails))
        time.sleep(1)
        after = (self.spent_s(), taker.cpu_s())
        received = [at for at, _ in taker.received() if at >= began]
        self.row.deliveries += len(received)
        self.row.wall_s_of_turns.append(max(received) - began)
        self.row.wall_s += max(received) - began
        self.row.cpu_s += after[0] - before[0]
        self.row.sink_cpu_s += after[1] - before[1]

    def _send(self, taker: Sink, numbers: Sequence[int]) -> None:
        wanted = taker.count() + len(numbers) * MEMBERS
        with smtplib.LMTP("127.0.0.1", self.port) as client:
            for number in numbers:
                client.sendmail(self.author, [LIST], self._mail(number))
        until_s = time.monotonic() + PATIENCE_S
        while taker.count() < wanted:
            if time.monotonic() > until_s:
                raise SystemExit(f"{wanted - taker.count()} deliveries are missing after {PATIENCE_S} s.")
            time.sleep(0.5)

    def _mail(self, number: int) -> bytes:
        letter = next(letters([[self.author]], DOMAIN, self.texts_from + number, 1))
        return letter.raw.replace(b".letter@", b".%d.letter@" % (sum(self.row.who.encode()),))


def main() -> int:
    turns = int(sys.argv[1]) if sys.argv[1:] else TURNS
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="moothall-mail-peers-")))
        taker = kept.enter_context(sink(folder / "received"))
        mailman = Mailman(folder / "mailman", taker.port)
        mailman.set_up(LIST, [address(n, 0, DOMAIN) for n in range(MEMBERS)])
        ours, alone = kept.enter_context(_moothall(taker))
        with _running(mailman, AS_IT_COMES, MAILS_A_TURN, verp=0) as peer:
            _take_turns([ours, peer, alone], taker, turns)
        with _running(mailman, ONE_BY_ONE, MAILS_ONE_BY_ONE, verp=1) as slow_peer:
            _take_turns([slow_peer], taker, 1)
    rows = [each.row for each in (ours, alone, peer, slow_peer)]
    _print(rows[:2], rows[2:])
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "mail-peers.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0


def _take_turns(takers_of_turns: Sequence[Turns], taker: Sink, turns: int) -> None:
    for turn in range(turns):
        for each in takers_of_turns:
            each.take(taker, turn)
            print(each.row, flush=True)


@contextmanager
def _moothall(taker: Sink) -> Iterator[tuple[Turns, Turns]]:
    """With a worker for each core, and with one; each turn begins with new ones."""
    settings = {"MOOTHALL_MAIL_DOMAIN": DOMAIN, "MOOTHALL_EMAIL_URL": f"smtp://127.0.0.1:{taker.port}"}
    with fresh_site(settings) as data:
        from mail_groups import fill_groups  # noqa: PLC0415 - only once Django is set up

        from moothall.groups.models import MailChoice, Membership, Role  # noqa: PLC0415

        # An author is sent no copy; as managers they may reach everybody as often as they like.
        fill_groups(DOMAIN, groups=1, members=MEMBERS + 1, choice=MailChoice.INSTANT)
        authors = [address(number, 0, DOMAIN) for number in range(2)]
        Membership.objects.filter(profile__user__email__in=authors).update(role=Role.MODERATOR)
        postgres = EmbeddedPostgres(data).pid() or 0
        workers = Workers(data / "workers", {}, ["warmed_worker"])
        with listener(free_port(), data / "listener.log") as (port, pid):
            spent = lambda: workers.cpu_s() + cpu_s([pid]) + postgres_cpu_s(postgres)  # noqa: E731

            def only(count: int) -> None:
                workers.stop()
                workers.start(count)

            try:
                yield (
                    Turns(Measured(OURS), MAILS_A_TURN, port, spent, lambda: only(WORKERS)),
                    Turns(Measured(OURS_ALONE), MAILS_A_TURN, port, spent, lambda: only(1), 100, authors[1]),
                )
            finally:
                workers.kill()


@contextmanager
def _running(mailman: Mailman, who: str, mails: int, *, verp: int) -> Iterator[Turns]:
    try:
        mailman.start(verp=verp)
        mailman.wait_until_all_run()
        yield Turns(Measured(who), mails, mailman.lmtp_port, mailman.cpu_s)
    finally:
        mailman.stop()


def _print(ours: Sequence[Measured], peers: Sequence[Measured]) -> None:
    title = f"Mails to {MEMBERS:,} members; load {os.getloadavg()[0]:.1f}"
    table = Table("", "deliveries", "wall ms each", "CPU ms each", "sink's CPU ms", title=title)
    for mine in ours:
        table.add_column(f"CPU of {mine.who} to it")
        table.add_column("wall")
    for row in (*ours, *peers):
        each = [1000 * total / row.deliveries for total in (row.wall_s, row.cpu_s, row.sink_cpu_s)]
        ratios = [_ratio(mine, row, what) for mine in ours for what in ("cpu_s", "wall_s")] if row in peers else []
        table.add_row(row.who, f"{row.deliveries:,}", *(f"{figure:.2f}" for figure in each), *ratios)
    Console(width=140).print(table)


def _ratio(ours: Measured, peer: Measured, what: str) -> str:
    ratio = getattr(ours, what) / ours.deliveries / (getattr(peer, what) / peer.deliveries)
    return at_most(ratio, WANTED[peer.who])


if __name__ == "__main__":
    sys.exit(main())
