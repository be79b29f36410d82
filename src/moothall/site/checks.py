"""What must hold before the site starts, in the words of Django's checks."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections

from moothall.site.setting_kinds import MailProvider

LEAST_KEY_LENGTH = 50


@register(Tags.files)
def data_folder_is_ours(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    data = Path(settings.DATA)
    if not data.exists() or os.access(data, os.W_OK | os.X_OK):
        return []
    hint = "Give it to the user that runs Moothall, or choose another folder with MOOTHALL_DATA."
    return [Error(f"The data folder {data} can't be written.", hint=hint, id="moothall.E001")]


@register(Tags.security)
def secret_key_is_long(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) >= LEAST_KEY_LENGTH:
        return []
    hint = f"Remove {Path(settings.DATA) / 'secret-key'}: the next start makes a new one, and people log in again."
    return [Error("The secret key in the data folder is too short.", hint=hint, id="moothall.E002")]


@register(Tags.security)
def https_comes_through_a_proxy(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without it every request would look like plain HTTP and be redirected without end."""
    if not settings.MOOTHALL.is_https or settings.MOOTHALL.trusted_proxies:
        return []
    hint = "Put a web server with the certificate in front, and set MOOTHALL_TRUSTED_PROXIES=1."
    return [Error("MOOTHALL_BASE_URL is https, but Moothall itself speaks HTTP.", hint=hint, id="moothall.E003")]


@register(Tags.security, deploy=True)
def mail_leaves(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.MOOTHALL.mail is not None:
        return []
    hint = "Set MOOTHALL_EMAIL_URL, or nobody can confirm an address."
    return [Warning("Mail is written to the outbox and not sent.", hint=hint, id="moothall.W001")]


@register()
def provider_is_installed(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not isinstance(settings.MOOTHALL.mail, MailProvider) or find_spec("anymail") is not None:
        return []
    hint = "Install it: pip install 'moothall[anymail]'"
    return [Error("A provider sends the mail, and django-anymail is not there.", hint=hint, id="moothall.E005")]


@register(Tags.database)
def database_answers(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Runs before migrations and with `check --database default`, as all checks of databases do."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        try:
            connections[alias].ensure_connection()
        except DatabaseError as error:
            found.append(
                Error(f"The database does not answer: {error}", hint="Check DATABASE_URL.", id="moothall.E004")
            )
    return found
