"""A provider's API instead of a mail server: what it is handed, and what its refusals mean."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from anymail.backends.test import EmailBackend
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core import mail
from django.test import override_settings

from moothall.core.clock import now
from moothall.mailer.addresses import bounce_address, read_recipient
from moothall.mailer.mail import Mail
from moothall.mailer.models import Bounce, OutboundMessage, SendingState
from moothall.mailer.queueing import Waiting, queue
from moothall.mailer.sending import MailServerAway, send_due
from moothall.site.checks import provider_is_installed
from moothall.site.environment import read
from moothall.site.setting_kinds import MailProvider
from tests.mailer.test_sending import letters

pytestmark = pytest.mark.django_db


class Refusing(EmailBackend):  # type: ignore[misc]  # anymail has no types
    error: Exception = AnymailAPIError("never")

    def post_to_esp(self, payload: Any, message: Any) -> Any:
        raise self.error


@pytest.fixture(autouse=True)
def provider() -> Any:
    with override_settings(
        EMAIL_BACKEND="anymail.backends.test.EmailBackend", ANYMAIL={"IGNORE_UNSUPPORTED_FEATURES": True}
    ):
        queue([Waiting(1, "post:1", now())])
        yield


def refused(error: Exception) -> OutboundMessage:
    Refusing.error = error
    with override_settings(EMAIL_BACKEND="tests.mailer.test_provider.Refusing"):
        send_due(letters)
    return OutboundMessage.objects.get(thing="post:1")


def test_a_provider_is_handed_the_mail_with_its_headers_and_our_envelope() -> None:
    assert send_due(letters).sent == 1
    row = OutboundMessage.objects.get()
    given = mail.outbox[0].anymail_test_params  # type: ignore[union-attr]
    letter = letters([row])[row.id]
    assert isinstance(letter, Mail)
    assert [address.addr_spec for address in given["to"]] == [letter.address]
    assert given["from"].addr_spec == letter.head.from_address
    assert given["envelope_sender"] == bounce_address(row.id)
    assert read_recipient(given["envelope_sender"]) is not None
    assert given["extra_headers"]["Message-ID"] == f"<{letter.message_id}>"
    assert given["extra_headers"]["Auto-Submitted"] == "auto-generated"
    assert (given["text_body"], given["html_body"]) == (str(letter.text), str(letter.html))


def test_a_recipient_who_is_refused_is_a_bounce() -> None:
    row = refused(AnymailRecipientsRefused("no such mailbox"))
    assert row.state == SendingState.FAILED
    assert Bounce.objects.filter(address="reader1@readers.example", kind="hard").exists()


def test_a_mail_that_the_provider_will_never_take_fails_and_blames_no_address() -> None:
    row = refused(AnymailAPIError("bad header", status_code=422))
    assert (row.state, row.why) == (SendingState.FAILED, "554 bad header")
    assert not Bounce.objects.exists()


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503, None])
def test_a_provider_that_takes_no_mail_now_leaves_it_waiting(status: int | None) -> None:
    with pytest.raises(MailServerAway):
        refused(AnymailAPIError("later", status_code=status))
    row = OutboundMessage.objects.get()
    assert (row.state, row.claimed_until) == (SendingState.QUEUED, None)


def test_a_site_that_writes_its_mails_to_a_folder_needs_no_anymail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `make run` installs it: anymail is an extra."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "anymail"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "anymail", None)
    folder = override_settings(
        EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend", EMAIL_FILE_PATH=tmp_path
    )
    with folder:
        assert send_due(letters).sent == 1
    (written,) = tmp_path.iterdir()
    assert "Auto-Submitted: auto-generated" in written.read_text(encoding="utf-8")


def test_the_setting_names_provider_and_its_options() -> None:
    url = "anymail:mailgun?api_key=k%26y&sender_domain=moot.example"
    expected = MailProvider("mailgun", (("api_key", "k&y"), ("sender_domain", "moot.example")))
    assert read({"MOOTHALL_EMAIL_URL": url}).mail == expected


def test_a_site_with_a_provider_and_anymail_may_start() -> None:
    with override_settings(MOOTHALL=read({"MOOTHALL_EMAIL_URL": "anymail:postmark?server_token=t"})):
        assert provider_is_installed(None) == []
