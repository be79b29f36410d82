"""Through a real Postfix, set up by the lines of docs/mail.md: in to the group, and out to its members."""

from __future__ import annotations

import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from postfix_server import Postfix, documented, folder_for_postfix, missing, postfix

from tests.cli.installation import Installation, prepared_installation
from tests.inbound.mails import mail
from tests.ports import free_port
from tests.smtp_sink import Received, Sink, smtp_sink

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing())]

ROOT = Path(__file__).parents[2]
GROUP = "old-houses@moot.example"
OLGA, MO, MIA = "olga.oakes@moothall.example", "mo.marsh@moothall.example", "mia.moss@moothall.example"
BY_PORT, BY_SOCKET = "**Postfix**, in `main.cf`", "With a socket rather than a port"
# From elsewhere, as far as this Postfix can tell: its own network is 127.0.0.1 alone.
ELSEWHERE = ("127.0.0.3", 0)
FILL = f"""
from allauth.account.models import EmailAddress
from moothall.accounts.models import User
from moothall.groups.models import MailChoice, Membership
from tests.world import build_world
build_world()
for user in User.objects.all():
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
readers = Membership.objects.filter(profile__user__email__in=["{MO}", "{MIA}"])
readers.update(mail_discussions=MailChoice.INSTANT)
"""


class Office:
    """The site, the mail server in front of it, and the world to which that sends."""

    def __init__(self, site: Installation, server: Postfix, sink: Sink) -> None:
        self.site = site
        self.server = server
        self.sink = sink

    def send(self, sender: str, recipient: str, raw: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.server.port, source_address=ELSEWHERE) as client:
            client.sendmail(sender, [recipient], raw)

    def count(self, table: str, where: str) -> int:
        return int(self.site.sql(f"SELECT count(*) FROM {table} WHERE {where}"))

    def is_posted(self, message_id: str) -> bool:
        return self.count("discussions_post", f"message_id = '{message_id}'") == 1

    def about(self, address: str, subject: str) -> list[Received]:
        return [mail for mail in self.sink.to(address) if subject in mail.message["Subject"]]


@pytest.fixture(scope="module", params=[BY_PORT, BY_SOCKET], ids=["port", "socket"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    with ExitStack() as stack:
        sink = stack.enter_context(smtp_sink())
        folder = stack.enter_context(folder_for_postfix())
        lines = documented(BY_PORT)
        lmtp_port, port = free_port(), free_port()
        listening = f"127.0.0.1:{lmtp_port}"
        if request.param == BY_SOCKET:
            (folder / "queue" / "moothall").mkdir(parents=True)
            listening = f"unix:{folder}/queue/moothall/lmtp"
            lines += documented(BY_SOCKET)
        site = stack.enter_context(
            prepared_installation(
                MOOTHALL_LMTP=listening,
                MOOTHALL_MAIL_DOMAIN="moot.example",
                MOOTHALL_EMAIL_URL=f"smtp://127.0.0.1:{port}",
            )
        )
        lines = lines.replace("127.0.0.1:8024", f"127.0.0.1:{lmtp_port}")
        server = stack.enter_context(postfix(folder, port, settings.EMAIL_PORT, lines))
        site.start()
        environ = site.environ(PYTHONPATH=str(ROOT), DJANGO_SETTINGS_MODULE="moothall.site.settings")
        command = [sys.executable, "-c", f"import django; django.setup(){FILL}"]
        subprocess.run(command, env=environ, cwd=ROOT, check=True)
        yield Office(site, server, sink)


def a_mail(number: int, **fields: str) -> bytes:
    usual = {"From": OLGA, "To": GROUP, "Subject": f"Plate {number}", "Message-ID": f"<{number}@olga.example>"}
    return mail(f"Number {number}: the sole plate is soft for a metre. Has anybody spliced one?", **(usual | fields))


def test_a_mail_becomes_a_post_a_mail_to_others_and_their_answer_a_reply(office: Office) -> None:
    office.send(OLGA, GROUP, a_mail(1))
    office.site.wait_until(lambda: bool(office.about(MIA, "Plate 1")))

    got = office.about(MIA, "Plate 1")[0].message
    assert got["Message-ID"] == "<1@olga.example>"
    answer = a_mail(2, From=MIA, Subject="Re: Plate 1", Message_ID="<2@mia.example>", To=got["Reply-To"])
    office.send(MIA, got["Reply-To"], answer)

    office.site.wait_until(lambda: office.is_posted("2@mia.example"))
    topics = office.site.sql(
        "SELECT count(DISTINCT topic_id) FROM discussions_post WHERE message_id IN ('1@olga.example', '2@mia.example')"
    )
    assert topics == "1"


def test_a_mail_to_nobody_is_refused_before_it_is_taken(office: Office) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        office.send(OLGA, "nobody-here@moot.example", a_mail(3))

    ((code, _),) = refused.value.recipients.values()
    assert code == 550


def test_a_mail_waits_with_the_mail_server_while_the_site_is_in_trouble(office: Office) -> None:
    """A table that is gone for a moment stands for every surprise."""
    office.site.sql("ALTER TABLE inbound_inboundmessage RENAME TO hidden")
    try:
        office.send(OLGA, GROUP, a_mail(4))
        office.site.wait_until(lambda: "451 4.3.0" in office.server.log)
    finally:
        office.site.sql("ALTER TABLE hidden RENAME TO inbound_inboundmessage")
    office.server.flush()

    office.site.wait_until(lambda: office.is_posted("4@olga.example"))


def test_mail_that_the_mail_server_could_not_deliver_comes_back_to_be_counted(office: Office) -> None:
    office.sink.answers[MO] = "550 5.1.1 No such mailbox"
    office.send(OLGA, GROUP, a_mail(5))

    office.site.wait_until(lambda: office.count("mailer_stoppedaddress", f"address = '{MO}'") == 1)
    assert office.count("mailer_bounce", f"address = '{MO}' AND kind = 'hard'") >= 1
