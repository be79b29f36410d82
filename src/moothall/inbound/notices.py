"""What a sender is told about a mail that was not taken, or not whole: once a day, never to a forged address."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from procrastinate.contrib.django import app

from moothall.core.clock import now
from moothall.inbound.authentication import AuthenticationVerdict
from moothall.inbound.models import Notice
from moothall.inbound.understand import Understood

_LONGEST_SUBJECT = 120
_FOOT = "You get at most one such mail a day."


def tell(mail: Understood, notice: str) -> None:
    """Call inside the transaction that settles the mail."""
    if mail.from_address is None or mail.authentication.verdict is AuthenticationVerdict.FAIL:
        return
    _, is_new = Notice.objects.get_or_create(address=mail.from_address, sent_on=now().date())
    if is_new:
        about = f"About your mail “{mail.subject[:_LONGEST_SUBJECT]}”" if mail.subject else "About your mail"
        text = f"{notice}\n\n{_FOOT}\n\n{settings.SITE_NAME}\n{settings.BASE_URL}\n"
        send_answer.defer(address=mail.from_address, subject=about, text=text, answered=mail.message_id or "")


@app.task(name="send_answer", retry=5)
def send_answer(address: str, subject: str, text: str, answered: str, reply_to: str = "") -> None:
    """A machine's answer says that it is one, so that no other machine answers it (RFC 3834 section 3)."""
    headers = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    if answered:
        headers |= {"In-Reply-To": f"<{answered}>", "References": f"<{answered}>"}
    EmailMessage(subject, text, to=[address], headers=headers, reply_to=[reply_to] if reply_to else None).send()
