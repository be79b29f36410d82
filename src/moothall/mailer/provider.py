"""A provider's API instead of a mail server, through django-anymail, which is an extra.

What it raises is told in the words of SMTP, so that sending need know of one kind of refusal only.
"""

from __future__ import annotations

import smtplib
from importlib.util import find_spec

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

if find_spec("anymail") is not None:
    from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused

    _REFUSALS: tuple[type[Exception], ...] = (AnymailAPIError, AnymailRecipientsRefused)
else:
    _REFUSALS = ()

# The request itself is wrong: sent again it would be refused again. Whatever else is asked later: a key that is not
# taken, too many at once, a provider that is down.
_IS_THE_MAIL = frozenset((400, 406, 413, 422))


def hand_to_provider(message: EmailMessage, connection: BaseEmailBackend) -> None:
    """Raises smtplib.SMTPResponseException for a mail that is refused, OSError where the provider can't be asked."""
    try:
        connection.send_messages([message])
    except _REFUSALS as error:
        raise _in_words_of_smtp(error, message.to[0]) from error


def _in_words_of_smtp(error: Exception, recipient: str) -> OSError:
    # Of its whole story only what it was raised with: the rest quotes the mail.
    said = " ".join(map(str, error.args))[:200].encode()
    status = getattr(error, "status_code", None)
    if isinstance(error, AnymailRecipientsRefused):
        return smtplib.SMTPRecipientsRefused({recipient: (550, said)})
    if status in _IS_THE_MAIL:
        return smtplib.SMTPResponseException(554, said)
    return ConnectionError(f"The provider does not take mail now: {said.decode()}")
