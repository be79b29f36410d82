"""Django's own examination of a public site, and Moothall's beside it, in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from moothall.core.secret_key import secret_key_in

MOOTHALL = Path(sys.executable).with_name("moothall")
PUBLIC = {
    "MOOTHALL_BASE_URL": "https://moot.example",
    "MOOTHALL_TRUSTED_PROXIES": "1",
    "MOOTHALL_EMAIL_URL": "smtp://mail.example",
}


def _check(data: Path, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "MOOTHALL_DATA": str(data), **settings}
    command = [str(MOOTHALL), "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_public_site_passes_every_check(tmp_path: Path) -> None:
    checked = _check(tmp_path, PUBLIC)

    assert checked.returncode == 0, checked.stderr


def test_whatever_is_wrong_with_a_public_site_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short")
    wrong = {"MOOTHALL_TRUSTED_PROXIES": "", "MOOTHALL_EMAIL_URL": "", "MOOTHALL_DEBUG": "yes"}

    checked = _check(tmp_path, PUBLIC | wrong)

    assert checked.returncode != 0
    found = re.findall(r"\(((?:moothall|security)\.[EW]\d+)\)", checked.stderr)
    assert sorted(found) == ["moothall.E002", "moothall.E003", "moothall.W001", "security.W009", "security.W018"]


def test_setting_that_is_none_is_named(tmp_path: Path) -> None:
    checked = _check(tmp_path, PUBLIC | {"MOOTHALL_PROT": "1"})

    assert checked.returncode != 0
    assert "MOOTHALL_PROT is not a setting" in checked.stderr


@pytest.mark.parametrize(
    "making",
    [
        "openssl genrsa 2048 | openssl rsa -pubout",
        "openssl genpkey -algorithm ed25519",
        "openssl genrsa 2048 | openssl rsa -aes128 -passout pass:planks",
    ],
)
def test_key_by_which_no_mail_can_be_signed_is_named(making: str, tmp_path: Path) -> None:
    key = tmp_path / "dkim.pem"
    key.write_bytes(subprocess.run(["bash", "-c", making], capture_output=True, check=True).stdout)

    checked = _check(tmp_path, PUBLIC | {"MOOTHALL_DKIM_KEY": str(key)})

    assert checked.returncode != 0
    assert f"No mail can be signed with MOOTHALL_DKIM_KEY, {key}" in checked.stderr


def test_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = secret_key_in(tmp_path)

    assert len(first) > 50
    assert secret_key_in(tmp_path) == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
