"""Settings come from the environment; what is unknown or not allowed stops the start and says so."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from moothall.cli.main import COMMANDS, TWO_WORDS
from moothall.site.environment import SettingsError, declared, read
from moothall.site.setting_kinds import Database, MailServer

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"


def test_defaults_are_a_site_on_this_machine() -> None:
    environment = read({})

    assert environment.address == "http://127.0.0.1:8000"
    assert environment.data == Path.cwd() / "data"
    assert environment.database is None
    assert environment.mail is None


@pytest.mark.parametrize(
    ("environ", "ending"),
    [
        ({}, "_8000"),
        ({"MOOTHALL_PORT": "8001"}, "_8001"),
        ({"MOOTHALL_BASE_URL": "https://moot.example:8443"}, "_8443"),
        ({"MOOTHALL_BASE_URL": "https://moot.example", "MOOTHALL_PORT": "8001"}, ""),
    ],
)
def test_sites_on_several_ports_of_one_host_have_cookies_of_their_own(environ: dict[str, str], ending: str) -> None:
    assert read(environ).cookie_ending == ending


def test_log_in_and_forms_go_by_cookies_of_that_name() -> None:
    assert (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME) == ("sessionid_8000", "csrftoken_8000")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOOTHALL_PORT", "0"),
        ("MOOTHALL_PORT", "eight"),
        ("MOOTHALL_DEBUG", "1"),
        ("MOOTHALL_BASE_URL", "moot.example"),
        ("MOOTHALL_BASE_URL", "https://moot.example/path"),
        ("MOOTHALL_BASE_URL", "https://moot.example:99999"),
        ("MOOTHALL_BASE_URL", "https://münchen.example"),
        ("MOOTHALL_BASE_URL", "https://moot hall.example"),
        ("MOOTHALL_BASE_URL", "https://me:planks@moot.example"),
        ("MOOTHALL_HOSTS", "a b"),
        ("MOOTHALL_LOG_LEVEL", "loud"),
        ("MOOTHALL_LOG_FORMAT", "xml"),
        ("MOOTHALL_EMAIL_URL", "http://mail.example"),
        ("MOOTHALL_EMAIL_URL", "smtp://mail.example?tls"),
        ("MOOTHALL_EMAIL_URL", "smtp://mail..example"),
        ("MOOTHALL_EMAIL_URL", "smtp://me:pl%C3%A4nks@mail.example"),
        ("MOOTHALL_SIGNUP", "perhaps"),
        ("MOOTHALL_SECRET_KEY", "short"),
        ("MOOTHALL_MAIL_FROM", "a@b.example\nBcc: c@d.example"),
        ("MOOTHALL_MAIL_FROM", "Moot Hall"),
        ("MOOTHALL_MAIL_FROM", "Moot, the <moot@moot.example>"),
        ("MOOTHALL_MAIL_FROM", "moot@moot.example, mo@moot.example"),
        ("MOOTHALL_WEB_THREADS", "65"),
        ("MOOTHALL_DATA", "~nobody-of-this-name/moot"),
        ("MOOTHALL_DKIM_KEY", "~nobody-of-this-name/key.pem"),
        ("MOOTHALL_DKIM_KEY", "k" * 300),
        ("MOOTHALL_DKIM_KEY", "a\0b"),
        ("MOOTHALL_TRUSTED_PROXIES", "-1"),
        ("MOOTHALL_OIDC_ISSUER", "ftp://login.example"),
        ("DATABASE_URL", "mysql://db.example/moot"),
        ("DATABASE_URL", "postgresql://db.example"),
        ("DATABASE_URL", "postgresql://db.example/moot?pool=yes"),
    ],
)
def test_value_that_is_not_allowed_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read({name: value})

    assert str(refused.value).startswith(f"{name}: ")
    assert "Allowed: " in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOOTHALL_BASE_URL", "https://xn--mnchen-3ya.example"),
        ("MOOTHALL_BASE_URL", "http://[::1]:8000"),
        ("MOOTHALL_MAIL_FROM", "moot@localhost"),
        ("MOOTHALL_MAIL_FROM", '"Moot, the" <moot+1@moot.example>'),
        ("MOOTHALL_MAIL_FROM", "Möot <moot@münchen.example>"),
    ],
)
def test_address_is_taken_as_it_is_written(name: str, value: str) -> None:
    environment = read({name: value})

    assert value in {environment.base_url, environment.mail_from}


def test_unknown_setting_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SettingsError, match=r"MOOTHALL_PROT is not a setting.*Did you mean MOOTHALL_PORT"):
        read({"MOOTHALL_PROT": "8000"})


def test_refusal_does_not_show_a_secret() -> None:
    with pytest.raises(SettingsError) as refused:
        read({"DATABASE_URL": "mysql://moot:hunter2@db.example/moot"})

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", [setting.name for setting in declared() if setting.is_secret])
def test_every_secret_may_come_from_a_file(name: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing"

    with pytest.raises(SettingsError, match=f"{name}_FILE: .* can't be read"):
        read({f"{name}_FILE": str(missing)})


def test_secret_from_a_file_is_read_without_its_line_end(tmp_path: Path) -> None:
    key = "0123456789" * 6
    file = tmp_path / "key"
    file.write_text(f"{key}\n")

    assert read({"MOOTHALL_SECRET_KEY_FILE": str(file)}).secret_key == key


def test_secret_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL and DATABASE_URL_FILE are both set"):
        read({"DATABASE_URL": "postgresql://db.example/moot", "DATABASE_URL_FILE": str(tmp_path)})


def test_only_secrets_may_come_from_files() -> None:
    with pytest.raises(SettingsError, match="MOOTHALL_PORT_FILE is not a setting"):
        read({"MOOTHALL_PORT_FILE": "/etc/port"})


def test_half_an_openid_connect_is_refused() -> None:
    with pytest.raises(SettingsError, match="MOOTHALL_OIDC_CLIENT_ID and MOOTHALL_OIDC_CLIENT_SECRET must be set too"):
        read({"MOOTHALL_OIDC_ISSUER": "https://login.example"})


def test_empty_value_counts_as_unset() -> None:
    assert read({"MOOTHALL_PORT": "", "DATABASE_URL": " "}) == read({})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "smtp://mail.example",
            MailServer("mail.example", 25, "", "", is_tls_from_start=False, is_tls_by_command=False),
        ),
        (
            "smtp://me%40moot.example:p%2Fw@mail.example:2525?starttls",
            MailServer("mail.example", 2525, "me@moot.example", "p/w", is_tls_from_start=False, is_tls_by_command=True),
        ),
        (
            "smtps://mail.example",
            MailServer("mail.example", 465, "", "", is_tls_from_start=True, is_tls_by_command=False),
        ),
    ],
)
def test_mail_server_is_read_from_its_address(url: str, expected: MailServer) -> None:
    assert read({"MOOTHALL_EMAIL_URL": url}).mail == expected


def test_database_is_read_from_its_address() -> None:
    plain = Database("moot", "me", "p@ss", "db.example", 5433, ())

    assert read({"DATABASE_URL": "postgresql://me:p%40ss@db.example:5433/moot"}).database == plain
    assert read({"DATABASE_URL": "postgres://me:p%40ss@db.example:5433/moot?sslmode=require"}).database == replace(
        plain, options=(("sslmode", "require"),)
    )
    socket = read({"DATABASE_URL": "postgresql:///moot?host=/var/run/postgresql"}).database
    assert socket == Database("moot", "", "", "/var/run/postgresql", 5432, ())


@given(name=st.sampled_from([setting.name for setting in declared()]), value=st.text(max_size=200))
def test_any_value_is_read_or_refused_by_name(name: str, value: str) -> None:
    try:
        read({name: value})
    except SettingsError as refused:
        assert name.removesuffix("_ID").split("_OIDC_")[0] in str(refused)  # noqa: PT017  (either end is right)


def test_documentation_lists_every_setting_as_it_is() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \| (.*) \|$", OPERATING.read_text(), flags=re.MULTILINE)

    expected = [
        (
            setting.name,
            setting.allowed,
            f"`{setting.default}`" if setting.default is not None else "–",
            setting.doc + (f" Or `{setting.name}_FILE`." if setting.is_secret else ""),
        )
        for setting in declared()
    ]
    assert rows == expected


def test_documentation_lists_every_command_as_it_is() -> None:
    rows = re.findall(r"^\| `moothall ([a-z ]+)` \|", OPERATING.read_text(), flags=re.MULTILINE)

    assert rows == [*COMMANDS, *(" ".join(words) for words in TWO_WORDS), "help"]
