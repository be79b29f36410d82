"""A real server in a folder of its own, approached in ways that once broke it."""

import os
import subprocess
from contextlib import suppress

import psutil
import pytest

from moothall.core.embedded_postgres import EmbeddedPostgres, in_use
from tests.cli.installation import MOOTHALL, installation, prepared_installation

pytestmark = pytest.mark.slow


def test_running_server_is_known_by_every_path_to_its_folder() -> None:
    with prepared_installation() as made:
        link = made.data.with_name("link")
        link.symlink_to(made.data)
        with in_use(made.data):
            before = EmbeddedPostgres(made.data).pid()
            with in_use(link):
                assert EmbeddedPostgres(link).pid() == before

            assert EmbeddedPostgres(made.data).pid() == before is not None


def test_database_is_made_anew_after_its_making_was_killed() -> None:
    with installation() as made:
        command = subprocess.Popen([str(MOOTHALL), "migrate"], env=made.environ(), stderr=subprocess.DEVNULL)
        made.wait_until(lambda: any(made.data.glob("postgres*/PG_VERSION")))
        for process in [psutil.Process(command.pid), *psutil.Process(command.pid).children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        command.wait()

        with made.database():
            assert made.sql("SELECT 1") == "1"

        assert sorted(path.name for path in made.data.glob("postgres*")) == ["postgres"]


def test_server_whose_starter_was_killed_is_waited_for_and_gets_its_database() -> None:
    with installation() as made:
        command = subprocess.Popen([str(MOOTHALL), "migrate"], env=made.environ(), stderr=subprocess.DEVNULL)
        made.wait_until((made.data / "postgres" / "postmaster.pid").exists)
        for process in [psutil.Process(command.pid), *psutil.Process(command.pid).children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                if process.name() != "postgres":
                    process.kill()
        command.wait()

        with made.database():
            assert made.sql("SELECT 1") == "1"


def test_pid_file_that_came_with_a_copy_is_not_taken_for_the_copys_own() -> None:
    with prepared_installation() as made, in_use(made.data):
        copy = made.data.with_name("copy")
        (copy / "postgres").mkdir(parents=True)
        os.link(made.data / "postgres" / "postmaster.pid", copy / "postgres" / "postmaster.pid")

        assert not EmbeddedPostgres(copy).is_running()


def test_settings_of_other_programs_do_not_lead_to_another_server() -> None:
    with prepared_installation(PGPORT="6543", PGDATABASE="elsewhere") as made:
        asked = made.moothall("showmigrations", "rules")

    assert asked.returncode == 0, asked.stderr
