"""Django's own examination of a public site, and Moothall's beside it, in a process of its own."""

import os
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


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"MOOTHALL_TRUSTED_PROXIES": ""}, "moothall.E003"),
        ({"MOOTHALL_EMAIL_URL": ""}, "moothall.W001"),
        ({"MOOTHALL_DEBUG": "yes"}, "security.W018"),
        ({"MOOTHALL_PROT": "1"}, "MOOTHALL_PROT is not a setting"),
    ],
)
def test_what_is_wrong_with_a_public_site_is_named(changed: dict[str, str], expected: str, tmp_path: Path) -> None:
    checked = _check(tmp_path, PUBLIC | changed)

    assert checked.returncode != 0
    assert expected in checked.stderr


def test_short_secret_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short")

    assert "moothall.E002" in _check(tmp_path, PUBLIC).stderr


def test_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = secret_key_in(tmp_path)

    assert len(first) > 50
    assert secret_key_in(tmp_path) == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
