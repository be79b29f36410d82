"""Log-in by OpenID Connect: the site as a process of its own, and a provider beside it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.db import connection

from moothall.accounts.models import User
from moothall.members.models import Profile
from tests.accounts.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running
from tests.ports import free_port
from tests.world import PASSWORD, person

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).parent.parent.parent
NORA = {"sub": "nora-1", "name": "Nora Nailer", "email": "nora@moothall.example", "email_verified": True}


@pytest.fixture(scope="module")
def any_provider() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture(autouse=True)
def provider(any_provider: Provider) -> Provider:
    """As it was, whatever the test before made of it."""
    any_provider.claims = dict(NORA)
    any_provider.audience = CLIENT_ID
    any_provider.refuses = False
    return any_provider


@pytest.fixture(autouse=True)
def no_limits_left_behind() -> Iterator[None]:
    """What the site counted against an address is in a table that no test empties, and stays for the next file."""
    yield
    cache.clear()


@pytest.fixture(scope="module")
def site(any_provider: Provider, django_db_setup: None) -> Iterator[str]:
    port = free_port()
    database = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
        "MOOTHALL_PORT": str(port),
        "MOOTHALL_DEBUG": "yes",
        "MOOTHALL_OIDC_ISSUER": any_provider.issuer,
        "MOOTHALL_OIDC_CLIENT_ID": CLIENT_ID,
        "MOOTHALL_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "MOOTHALL_OIDC_NAME": "Village pass",
    }
    command = [sys.executable, "manage.py", "runserver", "--noreload", "--skip-checks", f"127.0.0.1:{port}"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("The site did not start.")


def go_by_the_button(browser: requests.Session, site: str, wanted: str = "/account/") -> requests.Response:
    page = browser.get(f"{site}/account/login/", params={"next": wanted}).text
    link = re.search(r'href="(/account/oidc/[^"]+)">Village pass', page)
    assert link is not None
    return browser.get(site + link[1].replace("&amp;", "&"))


def fill_in(browser: requests.Session, page: requests.Response, **changes: str) -> requests.Response:
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token is not None
    fields = {"csrfmiddlewaretoken": token[1], "name": "Nora Nailer", "email": str(NORA["email"])}
    return browser.post(page.url, fields | changes, headers={"Referer": page.url})


def test_newcomer_sees_their_name_first_and_lands_where_they_wanted(site: str) -> None:
    browser = requests.Session()
    form = go_by_the_button(browser, site, "/account/services/")
    assert 'value="Nora Nailer"' in form.text
    landed = fill_in(browser, form, name="Nora N.")
    assert landed.url == f"{site}/account/services/"
    assert Profile.objects.get().name == "Nora N."
    again = go_by_the_button(requests.Session(), site, "/account/display/")
    assert again.url == f"{site}/account/display/"


def test_address_that_the_provider_did_not_verify_is_proved_by_mail(site: str, provider: Provider) -> None:
    provider.claims["email_verified"] = False
    browser = requests.Session()
    landed = fill_in(browser, go_by_the_button(browser, site))
    assert "Look at your mail" in landed.text
    assert browser.get(f"{site}/account/").url.startswith(f"{site}/account/login/")


def test_address_that_another_only_typed_is_proved_by_the_provider_all_the_same(site: str) -> None:
    EmailAddress.objects.create(user=person("Mia Moss").user, email="nora@moothall.example")
    browser = requests.Session()
    fill_in(browser, go_by_the_button(browser, site))
    assert browser.get(f"{site}/account/").url == f"{site}/account/"
    assert EmailAddress.objects.get(email="nora@moothall.example", verified=True).user.profile.name == "Nora Nailer"


def test_account_with_the_same_address_is_not_opened_by_it(site: str) -> None:
    nora = person("Nora Elder", "nora@moothall.example")
    EmailAddress.objects.create(user=nora.user, email="nora@moothall.example", verified=True, primary=True)
    browser = requests.Session()
    page = go_by_the_button(browser, site)
    if "name" in page.text and "3rdparty/signup" in page.url:
        page = fill_in(browser, page)
    assert browser.get(f"{site}/account/").url.startswith(f"{site}/account/login/")
    assert Profile.objects.count() == 1


def test_member_with_a_password_adds_the_other_way_in_from_their_account(site: str) -> None:
    nora = person("Nora Elder", "nora@moothall.example")
    EmailAddress.objects.create(user=nora.user, email="nora@moothall.example", verified=True, primary=True)
    # The site's process does not know the hasher of these tests.
    User.objects.filter(profile=nora).update(password=PBKDF2PasswordHasher().encode(PASSWORD, "salt"))
    browser = requests.Session()
    form = browser.get(f"{site}/account/login/", params={"next": "/account/"})
    account = fill_in(browser, form, login="nora@moothall.example", password=PASSWORD)
    ways = re.search(r'href="([^"]+)">Other ways to log in', account.text)
    assert ways is not None
    add = re.search(r'href="(/account/oidc/[^"]+)">Add Village pass', browser.get(site + ways[1]).text)
    assert add is not None
    asked_again = browser.get(site + add[1].replace("&amp;", "&"))
    fill_in(browser, asked_again, password=PASSWORD)
    landed = go_by_the_button(requests.Session(), site)
    assert landed.url == f"{site}/account/"
    assert "Nora Elder" in landed.text


def test_whoever_says_no_at_the_provider_is_told_that_nothing_was_changed(site: str, provider: Provider) -> None:
    provider.refuses = True
    page = go_by_the_button(requests.Session(), site)
    assert "Nothing was changed" in page.text


@pytest.mark.parametrize("forgery", ["audience", "state"])
def test_forged_answers_let_nobody_in(site: str, provider: Provider, forgery: str) -> None:
    browser = requests.Session()
    if forgery == "audience":
        provider.audience = "another site"
        page = go_by_the_button(browser, site)
    else:
        page = browser.get(f"{site}/account/oidc/oidc/login/callback/", params={"code": "x", "state": "y"})
    assert "That did not work" in page.text
    assert browser.get(f"{site}/account/").url.startswith(f"{site}/account/login/")
