"""A start that is asked to stop before the site answers."""

import signal
import subprocess

import psycopg
import pytest

from moothall.cli.up import PREPARING
from tests.cli.installation import MOOTHALL, PATIENCE_S, Installation, prepared_installation

pytestmark = pytest.mark.slow


def starting(site: Installation) -> subprocess.Popen[bytes]:
    with site.log.open("ab") as log:
        site.up = subprocess.Popen([str(MOOTHALL), "up"], env=site.environ(), stdout=log, stderr=log)
    return site.up


def test_start_that_waits_for_another_stops_when_asked() -> None:
    with prepared_installation() as site, site.database(), psycopg.connect(site.database_url()) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [PREPARING])
        up = starting(site)
        site.wait_until(lambda: "Another start prepares the database" in site.log.read_text())

        up.send_signal(signal.SIGTERM)

        assert up.wait(PATIENCE_S) == 0
        assert "Stopped." in site.log.read_text()


def test_start_that_loads_the_demo_stops_when_asked_and_leaves_nothing_of_it() -> None:
    with prepared_installation(MOOTHALL_BASE_URL="") as site:
        up = starting(site)
        site.wait_until(lambda: "loading the demo" in site.log.read_text())

        up.send_signal(signal.SIGTERM)

        assert up.wait(PATIENCE_S) == 0
        with site.database():
            assert site.sql("SELECT count(*) FROM accounts_user") == "0"
        assert not (site.data / "demo-logins.json").exists()
