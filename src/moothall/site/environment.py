"""The settings of an installation: each declared once below, read from the environment, checked before anything starts."""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PREFIX = "MOOTHALL_"
HOST = re.compile(r"\*|\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be: in words for a person, and as the function that reads it or raises ValueError."""

    allowed: str
    parse: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    user: str
    password: str
    is_tls_from_start: bool
    is_tls_by_command: bool


@dataclass(frozen=True, slots=True)
class Database:
    """Where a PostgreSQL of one's own is; `host` may be the folder of a Unix socket."""

    name: str
    user: str
    password: str
    host: str
    port: int
    options: tuple[tuple[str, str], ...]


def _text(value: str) -> str:
    if not value or any(not letter.isprintable() for letter in value):
        raise ValueError(value)
    return value


def _folder(value: str) -> Path:
    return Path(_text(value)).expanduser().absolute()


def _port(value: str) -> int:
    return _within(value, 1, 65535)


def _count(value: str) -> int:
    return _within(value, 1, 64)


def _within(value: str, low: int, high: int) -> int:
    number = int(value)
    if not low <= number <= high:
        raise ValueError(value)
    return number


def _yes_or_no(value: str) -> bool:
    return {"yes": True, "no": False}[value]


def _hosts(value: str) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in value.split(",") if host.strip())
    if not hosts or not all(HOST.fullmatch(host) for host in hosts):
        raise ValueError(value)
    return hosts


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(value)
    return f"{parts.scheme}://{parts.netloc}"


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(value)
    return value.rstrip("/")


def _one_of(*choices: str) -> Kind:
    def parse(value: str) -> str:
        return choices[choices.index(value)]

    return Kind(" or ".join(f"`{choice}`" for choice in choices), parse)


def _secret_key(value: str) -> str:
    if len(value) < 50 or len(set(value)) < 5:
        raise ValueError
    return value


def _database(value: str) -> Database:
    parts = urlsplit(value)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise ValueError
    options = dict(pair.split("=", 1) for pair in unquote(parts.query).split("&") if pair)
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return Database(
        name=name,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=host,
        port=parts.port or 5432,
        options=tuple(sorted(options.items())),
    )


def _mail(value: str) -> MailServer | None:
    if value == "outbox:":
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError
    is_by_command = {"": False, "starttls": True}[parts.query]
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if parts.scheme == "smtps" else 587 if is_by_command else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls_from_start=parts.scheme == "smtps",
        is_tls_by_command=is_by_command,
    )


TEXT = Kind("a line of text", _text)
FOLDER = Kind("the path of a folder", _folder)
PORT = Kind("a number from 1 to 65535", _port)
COUNT = Kind("a number from 1 to 64", _count)
YES_OR_NO = Kind("`yes` or `no`", _yes_or_no)
HOSTS = Kind("names of hosts with commas between them", _hosts)
PROXIES = Kind("a number from 0 to 5", lambda value: _within(value, 0, 5))
WEB_ADDRESS = Kind("`http://` or `https://` and a host, without a path", _web_address)
ISSUER = Kind("the address of an OpenID Connect issuer, `https://…`", _issuer)
SECRET_KEY = Kind("at least 50 letters and digits at random", _secret_key)
DATABASE = Kind("`postgresql://user:password@host:5432/name`", _database)
MAIL = Kind("`outbox:`, `smtp://host:25`, `smtp://user:password@host:587?starttls` or `smtps://…`", _mail)


def _setting(name: str, kind: Kind, default: str | None, doc: str, *, is_secret: bool = False) -> Any:
    setting = Setting(
        name=name, allowed=kind.allowed, default=default, doc=doc, parse=kind.parse, is_secret=is_secret
    )
    return field(metadata={"setting": setting})


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    data: Path = _setting(
        "MOOTHALL_DATA", FOLDER, "data", "Folder with the database, the secret key, uploads and the outbox."
    )
    port: int = _setting("MOOTHALL_PORT", PORT, "8000", "Port on 127.0.0.1 on which the site answers.")
    base_url: str | None = _setting(
        "MOOTHALL_BASE_URL",
        WEB_ADDRESS,
        None,
        "Address by which people reach the site; `https` turns on secure cookies, the redirect and HSTS. "
        "Unset: `http://127.0.0.1` and the port.",
    )
    hosts: tuple[str, ...] | None = _setting(
        "MOOTHALL_HOSTS",
        HOSTS,
        None,
        "Host names the site answers to. Unset: the base URL's, `localhost` and `127.0.0.1`.",
    )
    trusted_proxies: int = _setting(
        "MOOTHALL_TRUSTED_PROXIES",
        PROXIES,
        "0",
        "How many reverse proxies stand in front, each adding to `X-Forwarded-For` and setting `X-Forwarded-Proto`.",
    )
    database: Database | None = _setting(
        "DATABASE_URL",
        DATABASE,
        None,
        "A PostgreSQL (16 or newer, with pgvector) of your own. Unset: the embedded one, in the data folder.",
        is_secret=True,
    )
    secret_key: str | None = _setting(
        "MOOTHALL_SECRET_KEY",
        SECRET_KEY,
        None,
        "Signs sessions and links in mails. Unset: made at the first start and kept in the data folder.",
        is_secret=True,
    )
    debug: bool = _setting("MOOTHALL_DEBUG", YES_OR_NO, "no", "Shows errors with their source. Never on a public site.")
    site_name: str = _setting("MOOTHALL_SITE_NAME", TEXT, "Moothall", "The site's name in pages and mails.")
    signup: str = _setting(
        "MOOTHALL_SIGNUP", _one_of("open", "closed"), "open", "Whether anybody may make an account."
    )
    mail: MailServer | None = _setting(
        "MOOTHALL_EMAIL_URL",
        MAIL,
        "outbox:",
        "How mail leaves. `outbox:` writes each mail to a file in the data folder's `outbox/` and sends nothing.",
        is_secret=True,
    )
    mail_from: str | None = _setting(
        "MOOTHALL_MAIL_FROM", TEXT, None, "Sender of the site's mails. Unset: `moothall@` and the base URL's host."
    )
    web_workers: int = _setting("MOOTHALL_WEB_WORKERS", COUNT, "1", "Web processes.")
    web_threads: int = _setting("MOOTHALL_WEB_THREADS", COUNT, "4", "Threads in each web process.")
    log_format: str = _setting(
        "MOOTHALL_LOG_FORMAT", _one_of("text", "json"), "text", "`json` writes one object a line."
    )
    log_level: str = _setting(
        "MOOTHALL_LOG_LEVEL", _one_of("debug", "info", "warning", "error"), "info", "The least weight that is logged."
    )
    oidc_issuer: str | None = _setting(
        "MOOTHALL_OIDC_ISSUER",
        ISSUER,
        None,
        "Log-in through an OpenID Connect issuer; needs the client's id and secret too.",
    )
    oidc_client_id: str | None = _setting("MOOTHALL_OIDC_CLIENT_ID", TEXT, None, "Moothall's client id at the issuer.")
    oidc_client_secret: str | None = _setting(
        "MOOTHALL_OIDC_CLIENT_SECRET", TEXT, None, "The client's secret at the issuer.", is_secret=True
    )
    oidc_name: str = _setting(
        "MOOTHALL_OIDC_NAME", TEXT, "Single sign-on", "What the button for it on the log-in page says."
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
