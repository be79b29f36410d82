"""Signatures that hold, by the key and the records that docs/mail.md has one make."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path

import dkim
import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import override_settings
from postfix_server import documented

from moothall.core.clock import now
from moothall.mailer import signing
from moothall.mailer.addresses import mail_domain
from moothall.mailer.queueing import Waiting, queue
from moothall.mailer.sending import send_due
from tests.mailer.test_sending import letters
from tests.smtp_sink import Received, Sink, smtp_sink

SECTION = "### DNS, DKIM, SPF and DMARC"
LONGEST_STRING = 255  # RFC 1035 section 3.3


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[str]:
    """Its records, with the key's public half where they say so; mail is signed by that key meanwhile."""
    made = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", documented("Make a key")], cwd=tmp_path, capture_output=True, check=True
    )
    records = documented("And put the records into DNS").replace("<the lines above>", made.stdout.decode().strip())
    given = dict(line.split("=") for line in documented("Give the key to Moothall").split())
    signing.dkim_key.cache_clear()
    with override_settings(
        DKIM_KEY=tmp_path / "dkim.pem",
        DKIM_SELECTOR=given["MOOTHALL_DKIM_SELECTOR"],
        MAIL_DOMAIN="moot.example",
        DEFAULT_FROM_EMAIL="Moot <moothall@moot.example>",
    ):
        yield records
    signing.dkim_key.cache_clear()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as found, override_settings(EMAIL_BACKEND="moothall.mailer.signing.SigningBackend"):
        yield found


def strings(zone: str, name: str) -> list[str]:
    """Of the TXT record of that name."""
    record = re.search(rf"^{re.escape(name)}\s+TXT\s+(\(.*?\)|[^\n]*)$", zone, re.MULTILINE | re.DOTALL)
    assert record is not None
    return re.findall(r'"([^"]*)"', record[1])


def holds(mail: Received, zone: str) -> bool:
    def ask(name: bytes, timeout: int = 5) -> bytes:
        return "".join(strings(zone, name.decode())).encode()

    return bool(dkim.verify(mail.raw, dnsfunc=ask))


def test_no_string_of_the_records_is_longer_than_dns_takes(zone: str) -> None:
    key = strings(zone, "moothall._domainkey.moot.example.")
    assert len(key) > 2
    assert max(map(len, key)) <= LONGEST_STRING
    assert strings(zone, "moot.example.") == ["v=spf1 mx -all"]
    assert "moot.example.     MX  10 mx.moot.example." in documented(SECTION)


@pytest.mark.django_db
def test_a_mail_of_a_group_is_signed_for_the_domain_of_its_sender_and_its_envelope(zone: str, sink: Sink) -> None:
    queue([Waiting(1, "post:1", now())])
    send_due(letters)
    mail = sink.mails[0]
    assert holds(mail, zone)
    assert not holds(Received(mail.sender, mail.recipient, mail.raw.replace(b"Lime", b"Lame")), zone)
    assert " d=moot.example;" in mail.raw.decode().replace("\r\n", "")
    assert mail.sender.endswith(f"@{mail_domain()}")


def test_a_mail_about_an_account_is_signed_too(zone: str, sink: Sink) -> None:
    """As strictly as the documented DMARC record wants it: sender, envelope and signature are of one domain."""
    mail = EmailMultiAlternatives("Dämp, a new password " * 6, "Följ länken\n.\n" * 90, to=["mia@readers.example"])
    mail.attach_alternative("<p>Följ länken</p>" * 90, "text/html")
    mail.send()
    got = sink.mails[0]
    assert holds(got, zone)
    assert " d=moot.example;" in got.raw.decode().replace("\r\n", "")
    assert {parseaddr(each)[1].rpartition("@")[2] for each in (got.sender, got.message["From"])} == {"moot.example"}
    assert "adkim=s; aspf=s" in strings(zone, "_dmarc.moot.example.")[0]


@pytest.mark.django_db
def test_without_a_key_nothing_is_signed(sink: Sink) -> None:
    EmailMultiAlternatives("A new password", "Follow the link", to=["mia@readers.example"]).send()
    assert b"DKIM-Signature" not in sink.mails[0].raw
