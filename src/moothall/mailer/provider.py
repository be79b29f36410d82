"""A provider's API instead of a mail server, through django-anymail, which is an extra.

What it raises is told in the words of SMTP, so that sending need know of one kind of refusal only.
"""

from __future__ import annotations

import smtplib
import sys

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

# The request itself is wrong: sent again it would be refused again. Whatever else is asked later: a key that is not
# taken, too many at once, a provider that is down.
_IS_THE_MAIL = frozenset((400, 406, 413, 422))


def hand_to_provider(message: EmailMessage, connection: BaseEmailBackend) -> None:
    """Raises smtplib.SMTPResponseException for a mail that is refused, OSError where the provider can't be asked."""
    try:
        connection.send_messages([message])
    except Exception as error:
        # Only anymail raises its errors. Where mails are written to a folder, it need not be installed.
        raised = sys.modules.get("anymail.exceptions")
        if raised is not None and isinstance(error, raised.AnymailRecipientsRefused):
            raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, _said(error))}) from error
        if raised is not None and isinstance(error, raised.AnymailAPIError):
            raise _in_words_of_smtp(error) from error
        raise


def _said(error: Exception) -> bytes:
    # Of its whole story only what it was raised with: the rest quotes the mail.
    return " ".join(map(str, error.args))[:200].encode()


def _in_words_of_smtp(error: Exception) -> OSError:
    said = _said(error)
    if getattr(error, "status_code", None) in _IS_THE_MAIL:
        return smtplib.SMTPResponseException(554, said)
    return ConnectionError(f"The provider does not take mail now: {said.decode()}")
