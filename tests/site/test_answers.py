"""What every response carries, and what the probes get."""

import json
import logging

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from moothall.site.headers import Headers
from moothall.site.json_log import JsonFormatter


def test_process_says_that_it_lives_without_asking_the_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def test_probes_need_neither_host_name_nor_https(client: Client) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        answer = client.get("/healthz", headers={"host": "10.0.0.7"})

    assert answer.status_code == 200


@pytest.mark.django_db
def test_site_is_ready_when_the_database_is(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "database": "reachable",
        "migrations_missing": 0,
        "migrations_unknown": 0,
        "worker": "not running",
    }


@pytest.mark.django_db
def test_site_is_not_ready_on_the_database_of_a_newer_version(client: Client) -> None:
    MigrationRecorder(connection).record_applied("discussions", "9999_from_later")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "database": "reachable",
        "migrations_missing": 0,
        "migrations_unknown": 1,
    }


@pytest.mark.django_db
def test_policy_allows_no_inline_script_or_style(client: Client) -> None:
    policy = client.get("/no-such-page").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_search_engines_keep_out_unless_the_view_lets_them_in(client: Client, rf: RequestFactory) -> None:
    assert client.get("/no-such-page").headers["X-Robots-Tag"] == "noindex, nofollow"

    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response.may_be_indexed = True  # type: ignore[attr-defined]
        return response

    assert "X-Robots-Tag" not in Headers(view)(rf.get("/")).headers


@pytest.mark.django_db
def test_other_sites_learn_nothing_from_ours(client: Client) -> None:
    headers = client.get("/no-such-page").headers

    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_request_is_logged_without_what_was_asked_for(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="moothall.request"):
        answer = client.get("/no-such-page?q=my+illness")

    line = json.loads(JsonFormatter().format(caplog.records[0]))
    assert line["path"] == "/no-such-page"
    assert line["status"] == 404
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["duration_ms"] >= 0
    assert "illness" not in json.dumps(line)


@pytest.mark.django_db
def test_request_writes_one_line_into_the_log_whatever_its_path(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="moothall.request"):
        client.get("/no-such-page%0A2026-01-01 INFO moothall.request: POST /admin/ 200%1B[2J")

    assert caplog.records[0].getMessage().isprintable()
    assert "/no-such-page%0A2026-01-01" in caplog.records[0].getMessage()


def test_error_is_logged_with_its_traceback_on_one_line() -> None:
    try:
        raise ValueError("a\nb")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "it broke: %s", ("now",), None)
        record.exc_info = __import__("sys").exc_info()

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert json.loads(line)["message"] == "it broke: now"
    assert "ValueError" in json.loads(line)["exception"]


@pytest.mark.django_db
def test_admin_asks_for_the_log_in_that_knows_the_second_factor(client: Client) -> None:
    answer = client.get("/admin/login/")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/login/")


def test_rates_hold_for_all_processes_alike() -> None:
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
