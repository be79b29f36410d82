"""Real processes: started, asked to stop, killed outright, started again."""

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import psutil
import pytest

import moothall_screening
from moothall.core.embedded_postgres import SUPERUSER
from tests.cli.installation import MOOTHALL, Installation, installation, prepared_installation
from tests.ports import free_port

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site() -> Iterator[Installation]:
    # As where the world outside is reached by a proxy, which knows nothing of this machine.
    with installation(http_proxy=f"http://127.0.0.1:{free_port()}") as made:
        made.start()
        yield made


@pytest.fixture
def running(site: Installation) -> Installation:
    """Tests of this file leave the site as they like; the next one starts it again."""
    if not site.is_ready():
        site.start()
    return site


def test_data_folder_is_closed_to_others(running: Installation) -> None:
    for name in ("postgres", "run", "secret-key", "run/.s.PGSQL.5432"):
        assert (running.data / name).stat().st_mode & 0o077 == 0, name


def test_database_listens_on_no_port(running: Installation) -> None:
    servers = [process for process in running.processes() if process.name() == "postgres"]

    assert servers
    assert [connection for server in servers for connection in server.net_connections("inet")] == []


def test_second_start_on_the_same_folder_is_refused(running: Installation) -> None:
    refused = running.moothall("up")

    assert refused.returncode == 1
    assert "already runs on the data folder" in refused.stderr
    assert "MOOTHALL_DATA" in refused.stderr
    assert running.is_ready()


def test_port_in_use_is_refused(running: Installation) -> None:
    with installation() as other:
        refused = other.moothall("up", MOOTHALL_PORT=str(running.port))

    assert refused.returncode == 1
    assert f"Port {running.port} can't be used" in refused.stderr


def test_settings_that_do_not_go_together_are_refused() -> None:
    with installation(MOOTHALL_BASE_URL="https://moot.test") as made:
        refused = made.moothall("up")

        assert refused.returncode == 1
        assert "set MOOTHALL_TRUSTED_PROXIES=1" in refused.stderr
        assert not (made.data / "postgres").exists()


def test_whoever_starts_it_is_told_where_the_site_is(running: Installation) -> None:
    running.wait_until(lambda: "Moothall is at http://moot.test" in running.log.read_text())


def test_doctor_finds_nothing_wrong_with_a_running_site(running: Installation) -> None:
    examined = running.moothall("doctor", MOOTHALL_BASE_URL="")

    assert examined.returncode == 0, examined.stdout
    assert f"the site answers on {running.port}" in examined.stdout


def test_doctor_tells_of_mail_that_could_not_be_read(running: Installation) -> None:
    running.sql(
        "INSERT INTO inbound_inboundmessage"
        " (purpose, recipient, sender, from_address, message_id, raw, received_at, state, kind, reason, error)"
        " VALUES ('post', '', '', '', '1@mia.example', '', now(), 'unread', '', '', 'OSError()')"
    )
    examined = running.moothall("doctor")
    running.sql("DELETE FROM inbound_inboundmessage")

    assert examined.returncode == 1
    assert "Incoming mail: 1 could not be read" in examined.stdout
    assert "/admin/inbound/inboundmessage/?state__exact=unread" in examined.stdout


def test_doctor_speaks_of_a_folder_that_is_not_there_yet() -> None:
    with installation() as made:
        examined = made.moothall("doctor", MOOTHALL_SECRET_KEY="x7" * 20 + "abcdefghij")

        assert f"there is no {made.data} yet" in examined.stdout
        assert not examined.stderr


def test_doctor_knows_a_port_that_speaks_another_language() -> None:
    with installation() as made, socket.create_server(("127.0.0.1", made.port)) as other:
        thread = Thread(target=_greet_once, args=(other,))
        thread.start()
        examined = made.moothall("doctor")
        thread.join()

        assert f"another program answers on {made.port}" in examined.stdout


def test_doctor_names_a_file_of_the_screener_that_was_cut_off(tmp_path: Path) -> None:
    package = Path(moothall_screening.__file__).parent
    copy = tmp_path / package.name
    shutil.copytree(package, copy, copy_function=lambda source, target: Path(target).symlink_to(source))
    (copy / "data" / "sentence" / "alone.onnx").unlink()
    (copy / "data" / "sentence" / "alone.onnx").write_bytes(b"half")
    with installation() as made:
        path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
        examined = made.moothall("doctor", "--json", PYTHONPATH=path)

    found = {finding["about"]: finding for finding in json.loads(examined.stdout)["findings"]}["Screener"]
    assert found["state"] == "wrong"
    assert "alone.onnx is damaged: install moothall-screening again" in found["says"]


def _greet_once(other: socket.socket) -> None:
    other.settimeout(60)
    connection, _ = other.accept()
    with connection:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        connection.recv(1000)


@pytest.mark.parametrize("command", [["backup", "moot.dump"], ["import", "mbox", "README.md", "--group", "list"]])
def test_database_that_can_not_be_reached_is_said_without_a_traceback(command: list[str]) -> None:
    with installation(DATABASE_URL=f"postgresql://moot:moot@127.0.0.1:{free_port()}/moot") as made:
        refused = made.moothall(*command)

    assert refused.returncode == 2
    assert "moothall: The database refuses: " in refused.stderr
    assert "Traceback" not in refused.stderr


def test_database_in_which_its_user_may_make_no_tables_is_refused(running: Installation) -> None:
    running.sql("CREATE ROLE poor LOGIN")
    running.sql("CREATE DATABASE poor")
    with installation() as other:
        refused = other.moothall("up", DATABASE_URL=f"postgresql://poor@/poor?host={running.data / 'run'}")

    assert refused.returncode == 1
    assert "permission denied for schema public" in refused.stderr
    assert "ALTER DATABASE" in refused.stderr


def test_database_of_a_newer_version_is_left_alone() -> None:
    with prepared_installation() as made:
        with made.database():
            made.sql(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('discussions', '9999_from_later', now())"
            )
        refused = made.moothall("up")
        examined = made.moothall("doctor", "--json")

    found = {finding["about"]: finding for finding in json.loads(examined.stdout)["findings"]}["Migrations"]
    assert refused.returncode == 1
    assert found["state"] == "wrong"
    for says in (refused.stderr, found["says"]):
        assert "discussions.9999_from_later" in says
        assert "Start the newer version again, or restore a backup" in says


def test_machines_that_start_at_once_on_an_empty_database_prepare_it_once(running: Installation) -> None:
    running.sql("CREATE DATABASE shared")
    url = f"postgresql://{SUPERUSER}@/shared?host={running.data / 'run'}"
    with installation(DATABASE_URL=url) as one, installation(DATABASE_URL=url) as another:
        threads = [Thread(target=machine.start) for machine in (one, another)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert one.is_ready()
        assert another.is_ready()
        told = one.log.read_text() + another.log.read_text()
        assert told.count("Preparing the database") == 1


def test_database_url_names_a_server_instead(running: Installation) -> None:
    with installation() as other:
        examined = other.moothall("doctor", "--json", DATABASE_URL=running.database_url())

        says = {finding["about"]: finding["says"] for finding in json.loads(examined.stdout)["findings"]}
        assert says["Database"].endswith("from DATABASE_URL")
        assert says["Migrations"] == "all applied"
        assert not (other.data / "postgres").exists()


@pytest.mark.parametrize("program", ["web", "worker"])
def test_program_that_dies_is_started_again(running: Installation, program: str) -> None:
    died = {process.pid for process in running.programs(program)}
    for process in running.programs(program):
        with suppress(psutil.NoSuchProcess):
            process.kill()

    running.wait_until(lambda: any(process.pid not in died for process in running.programs(program)))
    running.wait_until(running.is_ready)
    assert "starting it again" in running.log.read_text()


def test_database_that_dies_is_started_again(running: Installation) -> None:
    before = running.database_pid()
    assert before is not None
    os.kill(before, signal.SIGKILL)

    running.wait_until(lambda: running.database_pid() not in {before, None})
    running.wait_until(running.is_ready)


def test_database_that_can_not_be_started_for_a_moment_is_tried_again(running: Installation) -> None:
    before = running.database_pid()
    assert before is not None
    last = running.data / "run" / "last-command.log"
    last.unlink()
    last.mkdir()  # as with a disk that is full, or no process to spare
    os.kill(before, signal.SIGKILL)
    running.wait_until(lambda: "Trying again in 5 s" in running.log.read_text())

    last.rmdir()

    running.wait_until(lambda: running.database_pid() not in {before, None})
    running.wait_until(running.is_ready)


def stops_everything(site: Installation, number: signal.Signals) -> bool:
    return site.stop(number) == 0 and not site.processes() and not (site.data / "postgres" / "postmaster.pid").exists()


def test_ctrl_c_stops_everything_and_the_next_start_has_as_many_workers_as_are_wanted(running: Installation) -> None:
    running.sql("DELETE FROM procrastinate_workers")  # those that were killed said no farewell
    assert stops_everything(running, signal.SIGINT)

    running.settings["MOOTHALL_WORKERS"] = "2"
    running.start()
    del running.settings["MOOTHALL_WORKERS"]

    running.wait_until(lambda: running.sql("SELECT count(*) FROM procrastinate_workers") == "2")


def test_site_starts_again_after_everything_was_killed(running: Installation) -> None:
    running.sql("CREATE TABLE kept AS SELECT 'what was written' AS words")
    running.kill_everything()
    assert (running.data / "postgres" / "postmaster.pid").exists()

    running.start()

    assert running.sql("SELECT words FROM kept") == "what was written"
    running.sql("DROP TABLE kept")


def test_sigterm_stops_everything_and_a_pid_file_that_names_a_stranger_does_not_stop_the_next_start(
    running: Installation,
) -> None:
    assert stops_everything(running, signal.SIGTERM)

    stale = running.data / "postgres" / "postmaster.pid"
    stale.write_text(f"1\n{running.data / 'postgres'}\n1\n5432\n{running.data / 'run'}\n\n0 0\nready\n")
    running.start()

    assert running.is_ready()


def test_ctrl_c_during_an_import_says_how_to_go_on(running: Installation, tmp_path: Path) -> None:
    found = "from moothall.groups.models import Group; Group.objects.create(name='List', slug='list', purpose='Lime')"
    assert running.moothall("shell", "-c", found).returncode == 0
    mail = "From a@b.example Thu Jan  8 10:02:03 2004\nSubject: Lime {0}\nMessage-ID: <{0}@b.example>\n\nYes.\n\n"
    archive = tmp_path / "list.mbox"
    archive.write_text("".join(mail.format(number) for number in range(20_000)))
    command = [str(MOOTHALL), "import", "mbox", str(archive), "--group", "list"]
    importing = subprocess.Popen(
        command, env=running.environ(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    running.wait_until(lambda: running.sql("SELECT count(*) FROM discussions_post") != "0")

    importing.send_signal(signal.SIGINT)
    _, told = importing.communicate()

    assert importing.returncode == 130
    assert "run the same command again for the rest" in told
    assert "Traceback" not in told


def test_job_that_a_killed_worker_left_is_done_by_another(running: Installation) -> None:
    job = "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args) VALUES ('default', '{}', '{}', '{}')"
    timestamp = '{"timestamp": 0}'
    running.sql(job.format("erase_due_accounts", "doing", timestamp))

    running.sql(job.format("retry_stalled_jobs", "todo", timestamp))

    left = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('doing', 'todo')"
    running.wait_until(lambda: running.sql(left) == "0")


def test_nothing_stays_behind_when_the_supervisor_is_killed(running: Installation) -> None:
    assert running.up is not None
    running.up.kill()
    running.up.wait()

    running.wait_until(lambda: not running.programs("web") and not running.programs("worker"))
    running.start()

    assert running.is_ready()


def test_path_with_a_comma_is_refused(tmp_path: Path) -> None:
    with installation() as made:
        refused = made.moothall("up", MOOTHALL_DATA=str(tmp_path / "moots, old and new"))

    assert refused.returncode == 2
    assert "The path of the data folder has a comma" in refused.stderr


def test_path_that_is_too_long_for_a_socket_is_refused() -> None:
    with installation() as made:
        made.data = made.data / ("x" * 100)
        refused = made.moothall("up")

    assert refused.returncode == 2
    assert "Set MOOTHALL_DATA to a folder whose path has at most 89 bytes" in refused.stderr


def test_data_folder_that_can_not_be_written_is_refused() -> None:
    with installation() as made:
        (made.data / "up.lock").mkdir(parents=True)  # as with a disk that is read-only, for root too
        refused = made.moothall("up")

    assert refused.returncode == 1
    assert f"The data folder {made.data} can't be written" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("command", ["up", "doctor", "check"])
def test_data_folder_that_can_not_be_made_is_refused(command: str) -> None:
    with installation() as made:
        made.data.write_text("a file")
        refused = made.moothall(command)
        made.data.unlink()

    assert refused.returncode == 2
    assert "choose another with MOOTHALL_DATA" in refused.stderr
