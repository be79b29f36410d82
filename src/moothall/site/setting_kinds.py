"""What the value of a setting may be: in words for a person, and as the function that reads it."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from psycopg.pq import Conninfo

HOST = re.compile(r"\*|\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]", re.IGNORECASE)

LOCAL_PART = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}", re.ASCII)  # RFC 5322 section 3.2.3
DOMAIN_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9-]{1,63}){0,20}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kind:
    """`parse` raises ValueError or KeyError for what is not allowed."""

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
class MailProvider:
    """Mail by a provider's API, through django-anymail; `options` are its settings without the provider's name."""

    name: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """A Unix socket where there is a path, else a port."""

    host: str
    port: int
    path: str


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


def _listen_address(value: str) -> ListenAddress:
    if value.startswith("unix:/") and len(value) <= 112:  # a socket's path has at most 107 bytes
        return ListenAddress("", 0, _text(value).removeprefix("unix:"))
    host, _, port = value.rpartition(":")
    if not HOST.fullmatch(host) or host == "*":
        raise ValueError(value)
    return ListenAddress(host.strip("[]"), _port(port), "")


def _folder(value: str) -> Path:
    return _of_home(_text(value)).absolute()


def _of_home(value: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:  # "~name" of nobody on this machine
        raise ValueError(value) from None


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


def _domain(value: str) -> str:
    if not DOMAIN_NAME.fullmatch(value) or len(value) > 253:
        raise ValueError(value)
    return value.lower()


def _file(value: str) -> Path:
    path = _of_home(value)
    # Unlike Path.is_file and Path.resolve these say no to a name that is too long and to links that go in a circle.
    if not os.path.isfile(path) or not os.access(path, os.R_OK):
        raise ValueError(value)
    return path.resolve()


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    is_whole = _is_asked_for(parts.hostname or "") and parts.port != 0  # reading the port refuses what is no number
    is_bare = "@" not in parts.netloc and not parts.path.strip("/") and not parts.query
    if parts.scheme not in {"http", "https"} or not is_whole or not is_bare:
        raise ValueError(value)
    return f"{parts.scheme}://{parts.netloc}"


def _is_asked_for(host: str) -> bool:
    """Whether browsers would write it so into a Host header, which Django compares: other letters go as `xn--…`."""
    return bool(DOMAIN_NAME.fullmatch(host) or (":" in host and HOST.fullmatch(f"[{host}]")))


def _mailbox(value: str) -> str:
    """One, and so written that Django reads it too, which goes by the commas."""
    found = getaddresses([_text(value)])
    if len(found) != 1 or found[0][1] not in value:
        raise ValueError(value)
    name, _, domain = found[0][1].rpartition("@")
    if not LOCAL_PART.fullmatch(name) or not DOMAIN_NAME.fullmatch(domain.encode("idna").decode()):
        raise ValueError(value)
    return value


def _api(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.port == 0:
        raise ValueError(value)
    return value


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(value)
    return value.rstrip("/")


def one_of(*choices: str) -> Kind:
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
    if not options.keys() <= _keywords():
        raise ValueError
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return Database(
        name=name,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=host,
        port=parts.port or 5432,
        options=tuple(sorted(options.items())),
    )


def _keywords() -> set[str]:
    """Of libpq's connections, here of any version."""
    return {option.keyword.decode() for option in Conninfo.get_defaults()}


def _mail(value: str) -> MailServer | MailProvider | None:
    if value == "outbox:":
        return None
    parts = urlsplit(value)
    if parts.scheme == "anymail":
        options = parse_qsl(parts.query, strict_parsing=True)
        if parts.path not in PROVIDERS or not all(name.isidentifier() and name.isascii() for name, _ in options):
            raise ValueError
        return MailProvider(parts.path, tuple(sorted(options)))
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError
    is_by_command = {"": False, "starttls": True}[parts.query]
    parts.hostname.encode("idna")  # as it will be for the connection
    if not unquote(f"{parts.username}{parts.password}").isascii():  # smtplib has nothing else
        raise ValueError
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if parts.scheme == "smtps" else 587 if is_by_command else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls_from_start=parts.scheme == "smtps",
        is_tls_by_command=is_by_command,
    )


PROVIDERS = frozenset(
    (
        *("amazon_ses", "brevo", "mailersend", "mailgun", "mailjet", "mandrill", "postal", "postmark", "resend"),
        *("scaleway", "sendgrid", "sparkpost", "unisender_go"),
    )
)
TEXT = Kind("a line of text", _text)
FILE = Kind("the path of a file that can be read", _file)
FOLDER = Kind("the path of a folder", _folder)
PORT = Kind("a number from 1 to 65535", _port)
COUNT = Kind("a number from 1 to 64", _count)
YES_OR_NO = Kind("`yes` or `no`", _yes_or_no)
HOSTS = Kind("names of hosts with commas between them", _hosts)
DOMAIN = Kind("the name of a domain", _domain)
LISTEN = Kind("`127.0.0.1:8024` or `unix:/run/moothall/lmtp`, or alike", _listen_address)
PROXIES = Kind("a number from 0 to 5", lambda value: _within(value, 0, 5))
PACE = Kind("a number from 0 to 100000", lambda value: _within(value, 0, 100_000))
WEB_ADDRESS = Kind(
    "`http://` or `https://` and a host, without a path; other letters than a to z as browsers send them, `xn--…`",
    _web_address,
)
MAILBOX = Kind("`moot@moot.example` or `Moot <moot@moot.example>`; a name with a comma in quotes", _mailbox)
API = Kind("the address of an API on a machine of your own, such as `http://127.0.0.1:11434/v1`", _api)
ISSUER = Kind("the address of an OpenID Connect issuer, `https://…`", _issuer)
SECRET_KEY = Kind("at least 50 letters and digits at random", _secret_key)
DATABASE = Kind("`postgresql://user:password@host:5432/name`, options of libpq's behind a `?`", _database)
MAIL = Kind(
    "`outbox:`, `smtp://host:25`, `smtp://user:password@host:587?starttls`, `smtps://…` or "
    "`anymail:postmark?server_token=…`; user and password in ASCII",
    _mail,
)
