"""Every mail about an account: plain words, a subject that says what it is, nothing left to fill in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import allauth
import pytest
from allauth.account.adapter import get_adapter
from allauth.core.context import request_context
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.template.loader import get_template
from django.test import RequestFactory, override_settings

import moothall.web
from moothall.mailer.addresses import mail_domain

ALLAUTHS = Path(cast(str, allauth.__file__)).parent / "templates"
TEMPLATES = Path(moothall.web.__file__).parent / "templates"
MAILS = sorted(
    str(file.relative_to(TEMPLATES)).removesuffix("_message.txt")
    for file in TEMPLATES.glob("*/email/*_message.txt")
    if not file.name.startswith("base")
)
CONTEXT = {
    "activate_url": "http://moothall.example/account/confirm-email/key/",
    "password_reset_url": "http://moothall.example/account/password/reset/key/1-key/",
    "signup_url": "http://moothall.example/account/signup/",
    "deleted_email": "old&<b>@moothall.example",
    "from_email": "old@moothall.example",
    "to_email": "new@moothall.example",
    "provider": "O'Hara & Co",
    "ip": "192.0.2.1",
    "user_agent": "Firefox & <friends>",
}


def sent(name: str) -> EmailMultiAlternatives:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with request_context(request):
        get_adapter(request).send_mail(name, "mia@moothall.example", CONTEXT)
    return cast(EmailMultiAlternatives, mail.outbox[-1])


@pytest.mark.django_db
@pytest.mark.parametrize("name", MAILS)
def test_mail_is_plain_and_complete(name: str) -> None:
    message = sent(name)
    body = str(message.body)
    assert message.alternatives == []
    assert 10 < len(message.subject) < 60
    assert "\n\nMoothall\n" in body
    assert not re.search(r"&amp;|&lt;|&#x27;|\{[{%#]|None|\n\n\n\n", body)
    assert "!" not in message.subject + body


@pytest.mark.django_db
@pytest.mark.parametrize("is_open", [True, False])
def test_nobody_is_sent_to_make_an_account_where_nobody_can(is_open: bool) -> None:
    with override_settings(SIGNUP_IS_OPEN=is_open):
        body = str(sent("account/email/unknown_account").body)
    assert (CONTEXT["signup_url"] in body) is is_open
    assert ("ask them for one" in body) is not is_open
    assert "\n\nIf it was not you, do nothing." in body


@pytest.mark.django_db
def test_mail_is_of_the_mail_domain_and_asks_for_no_answer_by_machines() -> None:
    headers = sent("account/email/email_confirmation_signup").message()
    assert headers["Message-ID"].endswith(f"@{mail_domain()}>")
    assert headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("name", MAILS)
def test_mail_has_both_its_templates(name: str) -> None:
    assert (TEMPLATES / f"{name}_subject.txt").is_file()
    assert get_template(f"{name}_subject.txt").render().strip()


def test_no_mail_that_can_be_sent_is_left_in_other_words() -> None:
    """Those of allauth that this site never sends: codes, passkeys, telephones."""
    allauths = {
        str(file.relative_to(ALLAUTHS)).removesuffix("_message.txt") for file in ALLAUTHS.glob("*/email/*_message.txt")
    }
    never_sent = {"account/email/base", "account/email/login_code", "account/email/password_reset_code"}
    never_sent |= {"mfa/email/webauthn_added", "mfa/email/webauthn_removed"}
    assert allauths - never_sent == set(MAILS)
