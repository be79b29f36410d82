"""What whoever starts the site reads, while it is slow to answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pytest_django import Settings

from moothall.cli.probing import ask
from moothall.cli.up import Greeting
from tests.ports import free_port


class _Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def answering(port: int) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", port), _Ready)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def nothing_answers(settings: Settings) -> None:
    settings.PORT = free_port()


def test_site_that_answers_late_is_greeted_all_the_same(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    greeting = Greeting(0)
    greeting.look()
    assert capsys.readouterr().out == ""
    greeting.look()
    assert "does not answer after 0 s" in capsys.readouterr().out
    greeting.look_again_at_s = 0.0

    with answering(settings.PORT):
        greeting.look()

    assert settings.BASE_URL in capsys.readouterr().out


def test_site_is_asked_past_the_environments_proxy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")

    with answering(settings.PORT), ask("/readyz", timeout_s=5) as answer:
        assert answer.status == 200
