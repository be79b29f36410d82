"""A real worker, killed by the mail server at the very moment at which it says that it has taken a mail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings

from tests.cli.installation import Installation, prepared_installation
from tests.smtp_sink import Sink, smtp_sink

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
READERS = 60
KILLED_AT = (10, 30, 50)
POST = f"""
from moothall.groups.models import MailChoice, Membership
from moothall.posting.submission import Submission
from moothall.posting.submit import submit
from tests.world import build_world, join, person
world = build_world()
for number in range({READERS}):
    join(world.group, person(f"Reader {{number}}"))
Membership.objects.filter(profile__name__startswith="Reader").update(mail_discussions=MailChoice.INSTANT)
text = "Lime mortar needs a week under wet hessian. Who has tried less, and did it hold through the frost?"
assert submit(Submission(world.group.id, world.olga.id, text, title="Curing lime mortar")).post_id
"""


@dataclass
class Killing(Sink):
    """Takes a mail, and has the worker killed before that can hear of it. Every other connection is told that it may
    send a mail together with the next one's envelope (RFC 2920)."""

    kill: Callable[[], None] = field(default=lambda: None)
    was_killed: bool = False

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.is_pipelining = not self.is_pipelining
        return await super().handle_EHLO(server, session, envelope, hostname, responses)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.mails) in KILLED_AT:
            self.kill()
            self.was_killed = True
        return answer


@pytest.fixture
def sink() -> Iterator[Killing]:
    with smtp_sink(Killing()) as found:
        assert isinstance(found, Killing)
        yield found


@pytest.fixture
def site(sink: Killing) -> Iterator[Installation]:
    with prepared_installation(MOOTHALL_EMAIL_URL=f"smtp://127.0.0.1:{settings.EMAIL_PORT}") as made:
        made.start()
        sink.kill = lambda: _kill_worker(made)
        yield made


def _kill_worker(site: Installation) -> None:
    for process in site.programs("worker"):
        os.kill(process.pid, signal.SIGKILL)


def test_a_worker_killed_at_the_servers_yes_repeats_that_one_mail_and_no_other(
    site: Installation, sink: Killing
) -> None:
    command = [sys.executable, "-c", f"import django; django.setup(){POST}"]
    environ = site.environ(PYTHONPATH=str(ROOT), DJANGO_SETTINGS_MODULE="moothall.site.settings")
    subprocess.run(command, env=environ, cwd=ROOT, check=True)

    def is_all_sent() -> bool:
        # What a killed worker had in hand is free after five minutes, its task after one; here at once.
        if sink.was_killed:
            sink.was_killed = False
            site.sql("UPDATE mailer_outboundmessage SET claimed_until = NULL")
            site.sql("UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL WHERE status = 'doing'")
        return site.sql("SELECT count(*) FROM mailer_outboundmessage WHERE state = 'sent'") == str(READERS)

    site.wait_until(is_all_sent)
    got = Counter(mail.recipient for mail in sink.mails)
    assert len(got) == READERS
    assert sorted(got.values(), reverse=True)[: len(KILLED_AT) + 1] == [2] * len(KILLED_AT) + [1]
