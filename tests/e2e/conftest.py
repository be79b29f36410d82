"""A real browser on a real server: what every test of pages in Debian's chromium starts from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from moothall.members.models import Profile
from tests.world import World, build_world

# Playwright runs an event loop in the tests' own thread, where Django would refuse to touch the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = (380, 1280)
SCHEMES = ("light", "dark")
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What a page may not cause: these show a script that failed or something that the Content-Security-Policy stopped.
_WRONG = ("error", "warning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM.exists(), "The browser tests need Debian's chromium: apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site_url(passwords_hashed_in_a_moment: None) -> Iterator[str]:
    """The site itself, on a free port; static files come from where an installation has them, by their hashed names."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.daemon_threads = True
    server.set_app(WSGIHandler())
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


class OpenPage(Protocol):
    def __call__(
        self, profile: Profile | None = None, *, width: int = 1280, scheme: str = "light", has_script: bool = True
    ) -> Page: ...


@pytest.fixture
def open_page(browser: Browser, site_url: str, transactional_db: None) -> Iterator[OpenPage]:
    """Opens empty pages of browsers in which this person is logged in; addresses may be given without the host.

    A message of the browser about an error or a breach of the Content-Security-Policy fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        is_refusal = (
            "the server responded with a status of" in message.text and "/static/" not in message.location["url"]
        )
        if message.type in _WRONG and not is_refusal:
            complaints.append(f"{message.text} ({message.location['url']})")

    def note_missing(response: Response) -> None:
        if response.status >= 400 and "/static/" in response.url:
            complaints.append(f"{response.status} {response.url}")

    def opened(
        profile: Profile | None = None, *, width: int = 1280, scheme: str = "light", has_script: bool = True
    ) -> Page:
        context = browser.new_context(
            base_url=site_url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=has_script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        if profile is not None:
            log_in(context, profile, site_url)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", note_missing)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def log_in(context: BrowserContext, profile: Profile, url: str) -> None:
    """By the session's cookie, as if the form had been filled in before."""
    client = Client()
    assert profile.user is not None
    client.force_login(profile.user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])


def assert_axe_clean(page: Page) -> None:
    """axe finds nothing: WCAG 2.0 to 2.2, A and AA, and best practice."""
    found = Axe().run(page).response["violations"]
    told = [f"{v['id']}: {v['help']}: {[n['html'][:200] for n in v['nodes'][:3]]}" for v in found]
    assert told == []


def assert_fits(page: Page) -> None:
    """Nothing sticks out sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def each_look(test: Callable[..., None]) -> Callable[..., None]:
    """Runs a test with `width` and `scheme`: narrow and wide, by day and by night."""
    widths = pytest.mark.parametrize("width", WIDTHS)
    schemes = pytest.mark.parametrize("scheme", SCHEMES)
    looked: Callable[..., None] = widths(schemes(test))
    return looked
