"""The runs of the measurement of mail that comes in. To be imported once Django is set up."""

from __future__ import annotations

import smtplib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from letters import Letter, letters
from listening import Delivery, free_port, listener
from mail_groups import fill_groups
from postfix_server import documented, folder_for_postfix, missing, postfix
from spent import cpu_s, postgres_cpu_s
from workers import Workers

from moothall.core.embedded_postgres import EmbeddedPostgres
from moothall.discussions.models import Post, Status
from moothall.groups.models import MailChoice
from moothall.inbound.models import InboundMessage, MailState

# What a mail costs is known after some hundreds; kills want more, so that each finds the worker at work.
MAILS = 500
MAILS_WITH_KILLS = 2000
KILLS = 20
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """`lost` and `twice` are mails that became no post, or more than one. CPU is the listener's and the workers', where
    these live to tell."""

    how: str
    sent: int
    posts: int
    held: int
    lost: int
    twice: int
    kills: int
    taken_s: float
    posted_s: float
    per_second: float
    cpu_ms: float
    postgres_cpu_ms: float
    peak_mb: float


class Runs:
    def __init__(self, data: Path, domain: str, mails: int | None) -> None:
        """Of so many mails in each run, where a number is given."""
        self.data = data
        self.domain = domain
        self.mails = mails or MAILS
        self.mails_with_kills = mails or MAILS_WITH_KILLS
        self.writers = fill_groups(domain, choice=MailChoice.NONE)
        self.postgres = EmbeddedPostgres(data).pid() or 0
        self.written = 0

    def quiet(self) -> Measured:
        workers = Workers(self.data / "quiet", {})
        with listener(free_port(), self.data / "listener.log") as (port, pid):
            return self._measured(f"{WORKERS} workers", workers, pid, smtplib.LMTP, port)

    def through_postfix(self) -> list[Measured]:
        """From a client of its own network, which it does not ask us about; nothing where there is no Postfix."""
        if why := missing():
            print(f"Postfix is left out: {why}.")
            return []
        workers = Workers(self.data / "postfix", {})
        lmtp_port, port = free_port(), free_port()
        lines = documented("**Postfix**, in `main.cf`").replace("127.0.0.1:8024", f"127.0.0.1:{lmtp_port}")
        with (
            listener(lmtp_port, self.data / "listener.log") as (_, pid),
            folder_for_postfix() as folder,
            postfix(folder, port, free_port(), lines),
        ):
            return [self._measured("through Postfix", workers, pid, smtplib.SMTP, port)]

    def _measured(self, how: str, workers: Workers, pid: int, client: type[smtplib.SMTP], port: int) -> Measured:
        some = self._letters(self.mails)
        read_before = InboundMessage.objects.count()
        try:
            workers.start(WORKERS)
            before = (workers.cpu_s() + cpu_s([pid]), postgres_cpu_s(self.postgres))
            began = time.monotonic()
            delivery = Delivery(some, client, port)
            delivery.start()
            delivery.join()
            workers.wait_until(lambda: InboundMessage.objects.count() == read_before + len(some) and _is_all_read())
            posted_s = time.monotonic() - began
            after = (workers.cpu_s() + cpu_s([pid]), postgres_cpu_s(self.postgres))
            peak_mb = max(each.peak_mb for each in workers.stop())
        finally:
            workers.kill()
        costs = [1000 * (late - early) / len(some) for late, early in zip(after, before, strict=True)]
        return Measured(how, *_compared(some), 0, delivery.took_s, posted_s, len(some) / posted_s, *costs, peak_mb)

    def killed(self) -> Measured:
        some = self._letters(self.mails_with_kills)
        workers = Workers(self.data / "killed", {})
        with listener(free_port(), self.data / "listener.log") as (port, _):
            try:
                workers.start(WORKERS)
                database = postgres_cpu_s(self.postgres)
                began = time.monotonic()
                delivery = Delivery(some, smtplib.LMTP, port)
                delivery.start()
                kills = self._kill_on_the_way(workers, some)
                delivery.join()
                workers.wait_until(_is_all_read)
                posted_s = time.monotonic() - began
                peak_mb = workers.stop()[-1].peak_mb
            finally:
                workers.kill()
        per_mail = 1000 * (postgres_cpu_s(self.postgres) - database) / len(some)
        how, rate = f"{WORKERS} workers, killed in turn", len(some) / posted_s
        return Measured(how, *_compared(some), kills, delivery.took_s, posted_s, rate, 0.0, per_mail, peak_mb)

    def _letters(self, count: int) -> list[Letter]:
        made = list(letters(self.writers, self.domain, self.written, count))
        self.written += count
        return made

    def _kill_on_the_way(self, workers: Workers, some: Sequence[Letter]) -> int:
        """Whenever another twenty-first of the mails is posted, while the workers are at the next."""
        before = Post.objects.count()
        for kill in range(1, KILLS + 1):
            wanted = before + kill * len(some) // (KILLS + 1)
            workers.wait_until(lambda wanted=wanted: Post.objects.count() >= wanted)  # type: ignore[misc]
            workers.replace(kill % WORKERS)
        return KILLS


def _is_all_read() -> bool:
    return not InboundMessage.objects.filter(state=MailState.WAITING).exists()


def _compared(some: Sequence[Letter]) -> tuple[int, int, int, int, int]:
    """Sent, posts, held, lost, twice."""
    ids = [letter.message_id for letter in some]
    found = Counter(Post.objects.filter(message_id__in=ids).values_list("message_id", flat=True))
    held = Post.objects.filter(message_id__in=ids, status=Status.HELD).count()
    twice = sum(count > 1 for count in found.values())
    lost = set(ids) - set(found)
    for message in InboundMessage.objects.filter(message_id__in=lost).defer("raw"):
        print(f"Not posted: {message}, {message.state}: {message.reason}{message.error}")
    return len(ids), found.total(), held, len(lost), twice
