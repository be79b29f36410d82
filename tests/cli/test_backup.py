"""A backup is worth what comes back from it."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from moothall.core.embedded_postgres import SUPERUSER
from tests.cli.installation import MOOTHALL, Installation, installation, prepared_installation

pytestmark = pytest.mark.slow

ROW = "SELECT id, email, joined_at, theme FROM accounts_user WHERE email = 'nils@moot.example'"


@pytest.fixture(scope="module")
def old() -> Iterator[Installation]:
    with prepared_installation() as made:
        made.moothall(
            "shell", "-c", "from moothall.accounts.models import User; User.objects.create_user('nils@moot.example')"
        )
        yield made


@pytest.fixture(scope="module")
def backup(old: Installation) -> Path:
    file = old.data.parent / "moot.dump"
    written = old.moothall("backup", str(file))
    assert written.returncode == 0, written.stderr
    return file


def test_restored_database_holds_the_same_rows(old: Installation, backup: Path) -> None:
    with installation() as new:
        restored = new.moothall("restore", str(backup))
        assert restored.returncode == 0, restored.stderr

        with old.database(), new.database():
            assert new.sql(ROW).count("nils@moot.example") == 1
            assert new.sql(ROW) == old.sql(ROW)
            assert _counts(new) == _counts(old)


def test_backup_and_restore_use_the_servers_that_database_url_names(old: Installation, tmp_path: Path) -> None:
    file = tmp_path / "moot.dump"
    with installation() as new, installation() as client, old.database(), new.database():
        written = client.moothall("backup", str(file), DATABASE_URL=old.database_url())
        restored = client.moothall("restore", str(file), DATABASE_URL=new.database_url())

        assert (written.returncode, restored.returncode) == (0, 0), written.stderr + restored.stderr
        assert not (client.data / "postgres").exists()
        assert new.sql(ROW).count("nils@moot.example") == 1
        assert _counts(new) == _counts(old)


def test_backup_is_given_all_that_the_address_of_the_database_says(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("*:*:*:guarded:planks")
    passwords.chmod(0o600)
    with prepared_installation() as site, installation() as client:
        with site.database():
            site.sql("CREATE ROLE guarded SUPERUSER LOGIN PASSWORD 'planks'")
        access = site.data / "postgres" / "pg_hba.conf"
        access.write_text("local all guarded scram-sha-256\n" + access.read_text())
        with site.database():
            url = site.database_url().replace(SUPERUSER, "guarded", 1) + f"&passfile={passwords}"
            written = client.moothall("backup", str(tmp_path / "moot.dump"), DATABASE_URL=url)

    assert written.returncode == 0, written.stderr


def test_backup_that_is_interrupted_leaves_no_half_of_one(tmp_path: Path) -> None:
    with prepared_installation() as site, site.database(), psycopg.connect(site.database_url()) as busy:
        busy.execute("LOCK TABLE accounts_user")
        command = [str(MOOTHALL), "backup", str(tmp_path / "moot.dump")]
        writing = subprocess.Popen(command, env=site.environ())
        site.wait_until(lambda: any(tmp_path.iterdir()))

        writing.send_signal(signal.SIGINT)

        assert writing.wait() == 130
        assert list(tmp_path.iterdir()) == []


def _counts(site: Installation) -> str:
    tables = site.sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    return site.sql(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in sorted(tables.split())))


def test_restore_never_overwrites(old: Installation, backup: Path) -> None:
    refused = old.moothall("restore", str(backup))

    assert refused.returncode == 1
    assert "nothing in it is overwritten. Choose a new data folder with MOOTHALL_DATA" in refused.stderr


def test_backup_never_overwrites(old: Installation, backup: Path) -> None:
    before = backup.read_bytes()

    refused = old.moothall("backup", str(backup))

    assert refused.returncode == 1
    assert "exists already" in refused.stderr
    assert backup.read_bytes() == before


def test_backup_is_for_its_owner_alone(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def empty() -> Iterator[Installation]:
    with installation() as made:
        yield made


def test_database_that_holds_nothing_is_not_taken_for_a_backup(empty: Installation, tmp_path: Path) -> None:
    refused = empty.moothall("backup", str(tmp_path / "moot.dump"))

    assert refused.returncode == 1
    assert "the database holds nothing yet. Was the site's own MOOTHALL_DATA given" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [["import", "mbox", "README.md", "--group", "list"], ["createsuperuser", "--noinput", "--email", "o@moot.example"]],
)
def test_database_that_is_not_prepared_is_said_without_a_traceback(command: list[str], empty: Installation) -> None:
    refused = empty.moothall(*command)

    assert refused.returncode == 2
    assert "moothall: The database is not prepared for this version." in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("content", [b"", b"PGDMP and then nonsense", b"SELECT 1;"])
def test_file_that_is_no_backup_leaves_the_database_empty(content: bytes, empty: Installation, tmp_path: Path) -> None:
    file = tmp_path / "moot.dump"
    file.write_bytes(content)

    refused = empty.moothall("restore", str(file))

    assert refused.returncode == 1
    assert "restore" in refused.stderr
    with empty.database():
        assert empty.sql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "0"
