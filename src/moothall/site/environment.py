"""The settings of an installation: each declared once, read from the environment, checked before anything starts."""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from moothall.site import setting_kinds as kinds

PREFIX = "MOOTHALL_"


class SettingsError(ImproperlyConfigured):
    """A setting is unknown, or its value is not allowed; the message names it and says what is."""


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    allowed: str
    default: str | None
    doc: str
    parse: Callable[[str], object]
    is_secret: bool


def _setting(name: str, kind: kinds.Kind, default: str | None, doc: str, *, is_secret: bool = False) -> Any:
    setting = Setting(name=name, allowed=kind.allowed, default=default, doc=doc, parse=kind.parse, is_secret=is_secret)
    return field(metadata={"setting": setting})


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    data: Path = _setting(
        "MOOTHALL_DATA", kinds.FOLDER, "data", "Folder with the database, the secret key and the outbox."
    )
    port: int = _setting("MOOTHALL_PORT", kinds.PORT, "8000", "Port on 127.0.0.1 on which the site answers.")
    base_url: str | None = _setting(
        "MOOTHALL_BASE_URL",
        kinds.WEB_ADDRESS,
        None,
        "Address by which people reach the site; `https` turns on secure cookies, the redirect and HSTS. "
        "Unset: `http://127.0.0.1` and the port.",
    )
    hosts: tuple[str, ...] | None = _setting(
        "MOOTHALL_HOSTS",
        kinds.HOSTS,
        None,
        "Host names the site answers to. Unset: the base URL's, `localhost` and `127.0.0.1`.",
    )
    trusted_proxies: int = _setting(
        "MOOTHALL_TRUSTED_PROXIES",
        kinds.PROXIES,
        "0",
        "How many reverse proxies stand in front, each adding to `X-Forwarded-For` and setting `X-Forwarded-Proto`.",
    )
    database: kinds.Database | None = _setting(
        "DATABASE_URL",
        kinds.DATABASE,
        None,
        "A PostgreSQL (16 or newer) of your own. Unset: the embedded one, in the data folder.",
        is_secret=True,
    )
    secret_key: str | None = _setting(
        "MOOTHALL_SECRET_KEY",
        kinds.SECRET_KEY,
        None,
        "Signs sessions and links in mails. Unset: made at the first start and kept in the data folder.",
        is_secret=True,
    )
    debug: bool = _setting(
        "MOOTHALL_DEBUG", kinds.YES_OR_NO, "no", "Shows errors with their source. Never on a public site."
    )
    site_name: str = _setting("MOOTHALL_SITE_NAME", kinds.TEXT, "Moothall", "The site's name in pages and mails.")
    signup: str = _setting(
        "MOOTHALL_SIGNUP", kinds.one_of("open", "closed"), "open", "Whether anybody may make an account."
    )
    mail: kinds.MailServer | kinds.MailProvider | None = _setting(
        "MOOTHALL_EMAIL_URL",
        kinds.MAIL,
        "outbox:",
        "How mail leaves. `outbox:` writes mails to files in the data folder's `outbox/`, those that leave together to "
        "one, and sends nothing; `anymail:` is a provider's API (docs/mail.md).",
        is_secret=True,
    )
    mail_from: str | None = _setting(
        "MOOTHALL_MAIL_FROM",
        kinds.MAILBOX,
        None,
        "Sender of the site's mails. Unset: the site's name, with `moothall@` and the mail domain as address.",
    )
    mail_pace: int = _setting(
        "MOOTHALL_MAIL_PACE",
        kinds.PACE,
        "1000",
        "How many mails of groups go to the addresses of one domain in a minute, the rest later. "
        "0: as many as there are.",
    )
    mail_domain: str | None = _setting(
        "MOOTHALL_MAIL_DOMAIN",
        kinds.DOMAIN,
        None,
        "Domain of the groups' addresses. Unset: the base URL's host.",
    )
    authentication_host: str | None = _setting(
        "MOOTHALL_AUTHENTICATION_HOST",
        kinds.DOMAIN,
        None,
        "Whose `Authentication-Results` in mails are believed. Unset: the groups' mail domain.",
    )
    lmtp: kinds.ListenAddress | None = _setting(
        "MOOTHALL_LMTP",
        kinds.LISTEN,
        None,
        "Where mail is taken in from a mail server (LMTP); docs/mail.md. Unset: nowhere.",
    )
    dkim_key: Path | None = _setting(
        "MOOTHALL_DKIM_KEY",
        kinds.FILE,
        None,
        "A private RSA key in PEM, with which mails are signed for the mail domain (DKIM).",
    )
    dkim_selector: str = _setting(
        "MOOTHALL_DKIM_SELECTOR", kinds.DOMAIN, "moothall", "The name under which DNS has the key's public half."
    )
    second_opinion_url: str | None = _setting(
        "MOOTHALL_SECOND_OPINION_URL",
        kinds.API,
        None,
        "A language model nearby, asked about doubtful posts (OpenAI-compatible); docs/screening.md. Unset: none.",
    )
    second_opinion_model: str = _setting(
        "MOOTHALL_SECOND_OPINION_MODEL", kinds.TEXT, "default", "The model's name there."
    )
    second_opinion_key: str | None = _setting(
        "MOOTHALL_SECOND_OPINION_KEY", kinds.TEXT, None, "Sent there as a bearer token.", is_secret=True
    )
    web_workers: int = _setting("MOOTHALL_WEB_WORKERS", kinds.COUNT, "1", "Web processes.")
    web_threads: int = _setting("MOOTHALL_WEB_THREADS", kinds.COUNT, "4", "Threads in each web process.")
    workers: int = _setting(
        "MOOTHALL_WORKERS",
        kinds.COUNT,
        "1",
        "Worker processes: mail, digests and whatever else is done in the background.",
    )
    log_format: str = _setting(
        "MOOTHALL_LOG_FORMAT", kinds.one_of("text", "json"), "text", "`json` writes one object a line."
    )
    log_level: str = _setting(
        "MOOTHALL_LOG_LEVEL",
        kinds.one_of("debug", "info", "warning", "error"),
        "info",
        "The least weight that is logged.",
    )
    oidc_issuer: str | None = _setting(
        "MOOTHALL_OIDC_ISSUER",
        kinds.ISSUER,
        None,
        "Log-in through an OpenID Connect issuer; needs the client's id and secret too.",
    )
    oidc_client_id: str | None = _setting(
        "MOOTHALL_OIDC_CLIENT_ID", kinds.TEXT, None, "Moothall's client id at the issuer."
    )
    oidc_client_secret: str | None = _setting(
        "MOOTHALL_OIDC_CLIENT_SECRET", kinds.TEXT, None, "The client's secret at the issuer.", is_secret=True
    )
    oidc_name: str = _setting(
        "MOOTHALL_OIDC_NAME", kinds.TEXT, "Single sign-on", "What the button for it on the log-in page says."
    )

    @property
    def address(self) -> str:
        return self.base_url or f"http://127.0.0.1:{self.port}"

    @property
    def is_https(self) -> bool:
        return self.address.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or "localhost"

    @property
    def cookie_ending(self) -> str:
        """Browsers send cookies to every port of a host: those of two sites there must differ by their names."""
        port = urlsplit(self.address).port
        return f"_{port}" if port else ""


def declared() -> list[Setting]:
    """Every setting, in the order in which the documentation lists them."""
    return [item.metadata["setting"] for item in fields(Environment)]


def read(environ: Mapping[str, str] = os.environ) -> Environment:
    """Raises SettingsError for the first setting that is unknown, given twice or not allowed."""
    settings = declared()
    _refuse_unknown(environ, settings)
    values = {item.name: _value(environ, item.metadata["setting"]) for item in fields(Environment)}
    environment = Environment(**values)
    _refuse_half_an_oidc(environment)
    return environment


def _refuse_unknown(environ: Mapping[str, str], settings: list[Setting]) -> None:
    known = [setting.name for setting in settings]
    known += [f"{setting.name}_FILE" for setting in settings if setting.is_secret]
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise SettingsError(f"{name} is not a setting of Moothall.{hint} docs/operating.md lists them all.")


def _value(environ: Mapping[str, str], setting: Setting) -> Any:
    written = _written(environ, setting)
    if written is None:
        return None
    try:
        return setting.parse(written)
    except (ValueError, KeyError):
        shown = "the value given" if setting.is_secret else f"“{written}”"
        raise SettingsError(f"{setting.name}: {shown} is not allowed. Allowed: {setting.allowed}.") from None


def _written(environ: Mapping[str, str], setting: Setting) -> str | None:
    """An empty value counts as unset, since compose files can't unset one."""
    value = environ.get(setting.name, "").strip()
    file = environ.get(f"{setting.name}_FILE", "").strip() if setting.is_secret else ""
    if value and file:
        raise SettingsError(f"{setting.name} and {setting.name}_FILE are both set. Keep one of them.")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{setting.name}_FILE: “{file}” can't be read ({error}).") from None
    return value or setting.default


def _refuse_half_an_oidc(environment: Environment) -> None:
    needed = {
        "MOOTHALL_OIDC_ISSUER": environment.oidc_issuer,
        "MOOTHALL_OIDC_CLIENT_ID": environment.oidc_client_id,
        "MOOTHALL_OIDC_CLIENT_SECRET": environment.oidc_client_secret,
    }
    missing = [name for name, value in needed.items() if value is None]
    if missing and len(missing) < len(needed):
        raise SettingsError(f"{' and '.join(missing)} must be set too, for log-in through OpenID Connect.")
