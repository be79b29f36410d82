"""What people see when nothing else can be shown: in the house's words, with a way on."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template import loader
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import permission_denied

from tests.browsers import as_
from tests.world import World


def test_private_group_is_nothing_that_a_stranger_sees_and_there_is_a_way_to_log_in(world: World) -> None:
    address = reverse("group", args=[world.group.slug])
    answer = Client().get(address)
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "There is nothing here for you to see" in html
    assert f"{reverse('account_login')}?next={address}" in html
    assert world.group.name not in html


def test_whoever_is_logged_in_is_not_sent_to_log_in(world: World) -> None:
    html = as_(world.sam).get(reverse("group", args=[world.group.slug])).content.decode()
    assert "There is nothing here for you to see" in html
    assert reverse("account_login") not in html


def test_old_form_is_refused_in_words_that_say_what_to_do(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("account_login"), {"login": "x"})
    assert answer.status_code == 403
    assert "load the page anew and send it again" in answer.content.decode()


def test_form_that_is_too_large_is_refused_in_words(world: World) -> None:
    answer = as_(world.mia).post(reverse("compose", args=[world.group.slug]), {"text": "x" * 1_100_000})
    assert answer.status_code == 400
    assert "what you wrote is still there" in answer.content.decode()


def test_request_for_another_host_is_refused_and_breaks_nothing(world: World) -> None:
    assert Client().get("/", headers={"host": "elsewhere.example"}).status_code == 400


def test_page_for_others_says_so(rf: RequestFactory, db: None) -> None:
    request: HttpRequest = rf.get("/")
    request.user = AnonymousUser()
    answer = permission_denied(request, PermissionDenied())
    assert "not for your account" in answer.content.decode()


def test_page_of_a_fault_needs_nothing_that_may_be_broken() -> None:
    html = loader.get_template("500.html").render()
    assert "Something broke on our side" in html
    assert 'href="/static/web/moothall' in html
