"""What must hold before mails are signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from moothall.mailer.signing import dkim_key, signs


@register()
def dkim_key_signs(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Else it would fail at each mail, and keep all of them: at the link to a new password as at those of groups."""
    if settings.DKIM_KEY is None or signs(dkim_key()):
        return []
    hint = "Name the file of the private half, RSA in PEM and without a pass phrase. docs/mail.md says how to make one."
    return [Error(f"No mail can be signed with MOOTHALL_DKIM_KEY, {settings.DKIM_KEY}.", hint=hint, id="moothall.E006")]
