"""Mail through the real listener, the real pipe and a real worker, which are asked to stop and killed outright."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from moothall.inbound.receive import LARGEST_MAIL_BYTES
from tests.cli.installation import Installation, prepared_installation
from tests.inbound.mails import mail
from tests.inbound.pipe import pipe
from tests.ports import free_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
GROUP = "old-houses@moot.test"
OLGA = "olga.oakes@moothall.example"  # an owner has standing, and so may write much
FILL = """
from allauth.account.models import EmailAddress
from moothall.accounts.models import User
from tests.world import build_world
build_world()
for user in User.objects.all():
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""


@pytest.fixture(scope="module")
def filled() -> Iterator[Installation]:
    with prepared_installation(MOOTHALL_LMTP=f"127.0.0.1:{free_port()}") as made:
        made.start()
        environ = made.environ(PYTHONPATH=str(ROOT), DJANGO_SETTINGS_MODULE="moothall.site.settings")
        command = [sys.executable, "-c", f"import django; django.setup(){FILL}"]
        subprocess.run(command, env=environ, cwd=ROOT, check=True)
        yield made


@pytest.fixture
def site(filled: Installation) -> Installation:
    """Tests of this file kill what they like; the supervisor starts it again. Mail 1 is what the others answer."""
    filled.wait_until(lambda: _listens(filled))
    _send_until_stored(filled, 1)
    filled.wait_until(lambda: _is_posted(filled, 1))
    return filled


def _address(site: Installation) -> tuple[str, int]:
    host, _, port = site.settings["MOOTHALL_LMTP"].rpartition(":")
    return host, int(port)


def _listens(site: Installation) -> bool:
    with suppress(OSError), socket.create_connection(_address(site), timeout=2):
        return True
    return False


def _lmtp(site: Installation) -> smtplib.LMTP:
    return smtplib.LMTP(*_address(site))


def _a_mail(number: int) -> bytes:
    body = f"Number {number}: the sole plate is soft for a metre. Has anybody here spliced one instead?"
    answered = "" if number == 1 else "<1@olga.example>"
    return mail(
        body,
        From=OLGA,
        Message_ID=f"<{number}@olga.example>",
        To=GROUP,
        Subject=f"Plate {number}",
        In_Reply_To=answered,
    )


def _count(site: Installation, table: str, where: str = "true") -> int:
    return int(site.sql(f"SELECT count(*) FROM {table} WHERE {where}"))


def _is_posted(site: Installation, number: int) -> bool:
    return _count(site, "discussions_post", f"message_id = '{number}@olga.example'") == 1


def _is_read(site: Installation) -> bool:
    return _count(site, "inbound_inboundmessage", "state = 'waiting'") == 0


def test_mail_is_posted(site: Installation) -> None:
    with _lmtp(site) as client:
        client.sendmail(OLGA, [GROUP], _a_mail(9))

    site.wait_until(lambda: _is_posted(site, 9))


def test_unknown_recipient_is_refused_while_the_known_one_is_served(site: Installation) -> None:
    with _lmtp(site) as client:
        refused = client.sendmail(OLGA, ["nobody-here@moot.test", GROUP, "x@elsewhere.example"], _a_mail(2))

    assert {address: code for address, (code, _) in refused.items()} == {
        "nobody-here@moot.test": 550,
        "x@elsewhere.example": 550,
    }
    site.wait_until(lambda: _is_posted(site, 2))


def test_each_recipient_is_answered_after_the_data(site: Installation) -> None:
    """RFC 2033 section 4.2; Python's client reads one answer only, so by hand."""
    with socket.create_connection(_address(site), timeout=10) as wire, wire.makefile("rb") as answers:
        answers.readline()
        for line in ("LHLO here", "MAIL FROM:<>", f"RCPT TO:<{GROUP}>", "RCPT TO:<old-houses-owner@moot.test>", "DATA"):
            wire.sendall(f"{line}\r\n".encode())
            while (answer := answers.readline())[3:4] == b"-":
                pass
        assert answer.startswith(b"354")
        wire.sendall(_a_mail(3) + b".\r\nNOOP\r\n")
        codes = [answers.readline()[:8] for _ in range(3)]

    assert codes == [b"250 2.0.", b"250 2.0.", b"250 OK\r\n"]


def test_lines_of_any_length_are_taken(site: Installation) -> None:
    raw = _a_mail(4) + b"x" * 20_000 + b"\r\n"
    with _lmtp(site) as client:
        client.sendmail(OLGA, [GROUP], raw)

    site.wait_until(lambda: _count(site, "inbound_inboundmessage", "message_id = '4@olga.example'") == 1)


def test_mail_is_put_off_while_the_database_is_away(site: Installation) -> None:
    """A table that is gone for a moment stands for every surprise."""
    site.sql("ALTER TABLE inbound_inboundmessage RENAME TO hidden")
    try:
        with _lmtp(site) as client, pytest.raises(smtplib.SMTPDataError) as put_off:
            client.sendmail(OLGA, [GROUP], _a_mail(5))
        with pipe(site) as piped:
            code = piped.receive(_a_mail(5), "--from", OLGA, "--to", GROUP)
    finally:
        site.sql("ALTER TABLE hidden RENAME TO inbound_inboundmessage")

    assert put_off.value.smtp_code == 451
    assert code == 75


def test_a_recipient_is_put_off_where_it_can_not_be_looked_up(site: Installation) -> None:
    site.sql("ALTER TABLE groups_group RENAME TO hidden")
    try:
        with _lmtp(site) as client:
            client.ehlo()
            client.mail(OLGA)
            code, _ = client.rcpt(GROUP)
    finally:
        site.sql("ALTER TABLE hidden RENAME TO groups_group")

    assert code == 451


def test_a_mail_that_is_piped_again_and_again_is_posted_once(site: Installation) -> None:
    """As from a mail server that was ended before it could note that the program had taken the mail."""
    with pipe(site) as piped:
        codes = [piped.receive(_a_mail(6), "--from", OLGA, "--to", GROUP) for _ in range(2)]
        codes.append(piped.receive_for_exim(_a_mail(6), OLGA, GROUP))

    assert codes == [0, 0, 0]
    assert _count(site, "inbound_inboundmessage", "message_id = '6@olga.example'") == 1
    site.wait_until(lambda: _is_posted(site, 6))


def test_pipe_takes_any_bytes_and_says_so_where_there_is_nobody_or_too_much(site: Installation) -> None:
    stored = _count(site, "inbound_inboundmessage")
    with pipe(site) as piped:
        assert piped.receive(bytes(range(256)), "--from", "", "--to", GROUP) == 0
        assert piped.receive(_a_mail(7), "--from", OLGA, "--to", "nobody-here@moot.test") == 67
        assert piped.receive(b"x" * (LARGEST_MAIL_BYTES + 1), "--from", OLGA, "--to", GROUP) == 65

    assert _count(site, "inbound_inboundmessage") == stored + 1
    assert site.sql("SELECT raw FROM inbound_inboundmessage ORDER BY id DESC LIMIT 1") == str(bytes(range(256)))


@pytest.mark.parametrize(
    "settings", [{"DATABASE_URL": "postgresql://moot@127.0.0.1:1/moot"}, {"MOOTHALL_PORT": "no port"}]
)
def test_pipe_asks_for_another_try_where_the_site_is_in_trouble(site: Installation, settings: dict[str, str]) -> None:
    with pipe(site, **settings) as piped:
        assert piped.receive(_a_mail(7), "--from", OLGA, "--to", GROUP) == 75


@pytest.mark.parametrize("arguments", [["--no-such-option"], []])
def test_pipe_that_is_set_up_wrongly_loses_no_mail(site: Installation, arguments: list[str]) -> None:
    with pipe(site) as piped:
        assert piped.receive(_a_mail(7), *arguments) == 75


def test_killing_worker_and_listener_loses_no_mail(site: Installation) -> None:
    """Each mail that was acknowledged is there once; what was not is sent again, as a mail server would."""
    sent = range(100, 172)
    for number in sent:
        if number % 12 == 6:
            _kill(site, "worker" if number % 24 == 6 else "mail")
        _send_until_stored(site, number)
    # A worker that was killed leaves its job to be taken up after a minute; here at once.
    site.sql(
        "UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL"
        " WHERE status = 'doing' AND task_name = 'read_mail'"
    )
    site.wait_until(lambda: _is_read(site))

    ids = ", ".join(f"'{number}@olga.example'" for number in sent)
    assert _count(site, "inbound_inboundmessage", f"message_id IN ({ids})") == len(sent)
    assert _count(site, "discussions_post", f"message_id IN ({ids})") == len(sent)


def _kill(site: Installation, program: str) -> None:
    for process in site.programs(program):
        with suppress(psutil.NoSuchProcess):
            os.kill(process.pid, signal.SIGKILL)


def _send_until_stored(site: Installation, number: int) -> None:
    def is_stored() -> bool:
        try:
            with _lmtp(site) as client:
                return not client.sendmail(OLGA, [GROUP], _a_mail(number))
        except (OSError, smtplib.SMTPException):
            return False

    site.wait_until(is_stored)


def test_listener_ends_cleanly_when_asked(site: Installation) -> None:
    (listener,) = site.programs("mail")
    said_before = len(site.log.read_text())
    with _lmtp(site) as client:
        client.ehlo()
        client.mail(OLGA)
        client.rcpt(GROUP)
        listener.terminate()
        code, _ = client.data(_a_mail(8))

    assert code == 250
    site.wait_until(lambda: "mail ended (exit code 0)" in site.log.read_text()[said_before:])
    assert "Traceback" not in site.log.read_text()[said_before:]
