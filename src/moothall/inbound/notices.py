"""What a sender is told about a mail that was not taken, or not whole: once a day, never to a forged address.

Whoever is told may not be who wrote: only where that is proved does a notice repeat words of the mail.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import date, datetime

from django.conf import settings
from django.core.mail import EmailMessage
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from moothall.accounts.addresses import user_of_address
from moothall.core.clock import now
from moothall.inbound.authentication import AuthenticationVerdict
from moothall.inbound.models import Notice
from moothall.inbound.result import Question
from moothall.inbound.understand import Understood
from moothall.mailer.handing import answer as reply_of

log = logging.getLogger(__name__)

_LONGEST_SUBJECT = 120
_FOOT = "You get at most one such mail a day."
# Whoever writes in strangers' names has so many of them mailed by us, and not one more, however many they name.
MOST_STRANGERS_A_DAY = 100


def tell(mail: Understood, notice: str, received_at: datetime) -> None:
    """Call inside the transaction that settles the mail."""
    address = mail.from_address
    if address is None or mail.is_by_machine or mail.authentication.verdict is AuthenticationVerdict.FAIL:
        return
    today = now().date()
    is_to_stranger = user_of_address(address) is None
    if is_to_stranger and _strangers_told(today) >= MOST_STRANGERS_A_DAY:
        return
    _, is_new = Notice.objects.get_or_create(
        address=address, sent_on=today, defaults={"is_to_stranger": is_to_stranger}
    )
    if is_new:
        text = f"{notice}\n\n{_FOOT}\n\n{settings.SITE_NAME}\n{settings.BASE_URL}\n"
        send_answer.defer(address=address, subject=_about(mail, received_at), text=text, answered=mail.message_id or "")


def ask(mail: Understood, question: Question) -> None:
    """Call inside the transaction that settles the mail."""
    send_answer.defer(
        address=question.address,
        subject=question.subject,
        text=question.text,
        answered=mail.message_id or "",
        reply_to=question.reply_to,
    )


def _strangers_told(today: date) -> int:
    return Notice.objects.filter(is_to_stranger=True, sent_on=today).count()


def _about(mail: Understood, received_at: datetime) -> str:
    if mail.is_proved and mail.subject:
        return f"About your mail “{mail.subject[:_LONGEST_SUBJECT]}”"
    return f"About your mail of {received_at.day} {received_at:%B %Y}"


# After 3, 9, 27 … seconds, for about a day: whoever wrote takes it for passed on, while the mail server is away.
@app.task(name="send_answer", retry=RetryStrategy(max_attempts=10, exponential_wait=3))
def send_answer(address: str, subject: str, text: str, answered: str, reply_to: str = "") -> None:
    """A machine's answer says that it is one, so that no other machine answers it (RFC 3834 section 3)."""
    headers = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    if answered:
        headers |= {"In-Reply-To": f"<{answered}>", "References": f"<{answered}>"}
    mail = EmailMessage(subject, text, to=[address], headers=headers, reply_to=[reply_to] if reply_to else None)
    try:
        mail.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as refusal:
        code, said = reply_of(refusal)
        if code < 500:
            raise
        log.warning("The mail server refused an answer for good: %s %s", code, said)
