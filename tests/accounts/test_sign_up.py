"""From the form to the first page, with the mail read from the outbox."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client, override_settings

from moothall.accounts.models import User
from moothall.members.models import Profile
from moothall.members.sign_up import make_profile
from tests.world import PASSWORD, person

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

NEWCOMER = {"name": "Nora Nailer", "email": "nora@moothall.example", "password1": PASSWORD}


def sign_up(client: Client, **changes: str) -> Answer:
    return client.post("/account/signup/", NEWCOMER | changes)


def link_in_mail() -> str:
    found = re.search(r"http://[^/\s]+(/account/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def follow(client: Client) -> Answer:
    """Opens the page of the mail's link and presses the button there."""
    address = link_in_mail()
    page = client.get(address)
    hidden = re.findall(r'type="hidden" name="next" value="([^"]*)"', page.content.decode())
    return client.post(address.split("?")[0], {"next": hidden[0]} if hidden else {})


def test_signing_up_makes_a_profile_that_must_prove_its_address(client: Client) -> None:
    answer = sign_up(client)
    assert answer.status_code == 302
    profile = Profile.objects.get(handle="nora-nailer")
    assert profile.name == "Nora Nailer"
    assert "_auth_user_id" not in client.session
    assert mail.outbox[0].to == ["nora@moothall.example"]


def test_link_in_mail_changes_nothing_by_itself(client: Client) -> None:
    sign_up(client)
    client.get(link_in_mail())
    assert "_auth_user_id" not in client.session


def test_button_behind_the_link_logs_in_where_one_signed_up(client: Client) -> None:
    sign_up(client, next="/groups/old-houses/")
    answer = follow(client)
    assert answer["Location"] == "/groups/old-houses/"
    assert "_auth_user_id" in client.session


def test_mail_opened_on_another_device_leads_through_log_in_to_what_was_wanted(client: Client) -> None:
    sign_up(client, next="/groups/old-houses/")
    phone = Client()
    answer = follow(phone)
    assert answer["Location"] == "/account/login/?next=%2Fgroups%2Fold-houses%2F"
    logged_in = phone.post(
        "/account/login/",
        {"login": NEWCOMER["email"], "password": PASSWORD, "next": "/groups/old-houses/"},
    )
    assert logged_in["Location"] == "/groups/old-houses/"


@pytest.mark.parametrize(
    "forged",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "///elsewhere.example",
        "javascript:alert(1)",
        "http:///elsewhere.example",
        "\x00//elsewhere.example",
    ],
)
def test_forged_next_is_refused(client: Client, forged: str) -> None:
    sign_up(client, next=forged)
    answer = follow(client)
    assert answer["Location"] == "/"


def test_page_looks_the_same_for_an_address_that_has_an_account(client: Client) -> None:
    person("Mia Moss", "mia@moothall.example")
    known = sign_up(client, email="mia@moothall.example")
    unknown = sign_up(Client())
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert Profile.objects.filter(name="Nora Nailer").count() == 1
    assert mail.outbox[0].subject == "You have an account already"


def somebody_who_only_typed(address: str) -> Profile:
    """A member who gave it as a further address of theirs and never proved it."""
    mia = person("Mia Moss", "mia@moothall.example")
    EmailAddress.objects.create(user=mia.user, email="mia@moothall.example", verified=True, primary=True)
    EmailAddress.objects.create(user=mia.user, email=address)
    return mia


def test_address_that_another_only_typed_is_free_to_sign_up_with(client: Client) -> None:
    somebody_who_only_typed("nora@moothall.example")
    sign_up(client)
    assert [sent.to for sent in mail.outbox] == [["nora@moothall.example"]]
    follow(client)
    nora = User.objects.get(profile__name="Nora Nailer")
    assert client.session["_auth_user_id"] == str(nora.id)
    assert EmailAddress.objects.get(email="nora@moothall.example", verified=True, primary=True).user == nora


def test_reader_of_an_address_that_another_only_typed_gets_no_link_to_their_account(client: Client) -> None:
    somebody_who_only_typed("nora@moothall.example")
    client.post("/account/password/reset/", {"email": "nora@moothall.example"})
    assert [sent.subject for sent in mail.outbox] == ["No account with this address"]


def test_password_is_set_anew_by_any_address_that_is_proved(client: Client) -> None:
    mia = somebody_who_only_typed("nora@moothall.example")
    EmailAddress.objects.create(user=mia.user, email="mia@other.example", verified=True)
    client.post("/account/password/reset/", {"email": "Mia@other.example"})
    assert [(sent.subject, sent.to) for sent in mail.outbox] == [("Set a new password", ["mia@other.example"])]


def test_reset_looks_the_same_for_an_unknown_address(client: Client) -> None:
    person("Mia Moss", "mia@moothall.example")
    known = client.post("/account/password/reset/", {"email": "mia@moothall.example"})
    unknown = client.post("/account/password/reset/", {"email": "nobody@moothall.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [sent.subject for sent in mail.outbox] == ["Set a new password", "No account with this address"]


def test_password_is_set_anew_by_the_link(client: Client) -> None:
    person("Mia Moss", "mia@moothall.example")
    client.post("/account/password/reset/", {"email": "mia@moothall.example"})
    form = client.get(link_in_mail(), follow=True).request["PATH_INFO"]
    client.post(form, {"password1": "seven grey herons", "password2": "seven grey herons"})
    mia = User.objects.get(email="mia@moothall.example")
    assert mia.check_password("seven grey herons")


@override_settings(SIGNUP_IS_OPEN=False)
def test_closed_site_says_so_and_makes_no_account(client: Client) -> None:
    answer = sign_up(client)
    assert "No new accounts just now" in answer.content.decode()
    assert not User.objects.exists()


def test_too_many_sign_ups_get_a_page_that_says_what_to_do(client: Client) -> None:
    answers = [sign_up(client, email=f"nora{n}@moothall.example") for n in range(21)]
    assert answers[-1].status_code == 429
    assert "Wait a minute" in answers[-1].content.decode()


def test_many_wrong_passwords_are_told_to_wait(client: Client) -> None:
    person("Mia Moss", "mia@moothall.example")
    wrong = {"login": "mia@moothall.example", "password": "not this one"}
    answers = [client.post("/account/login/", wrong) for _ in range(6)]
    assert "do not belong together" in answers[0].content.decode()
    assert "tried too often" in answers[-1].content.decode()
    right = client.post("/account/login/", wrong | {"password": PASSWORD})
    assert right.status_code == 200


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Write the name"),
        ("\u202e\u200b\x00 ", "Write the name"),
        ("x" * 10_000, "at most 80 characters"),
        ("\u0007\u0008", "Write the name"),
    ],
)
def test_name_that_cannot_be_shown_is_refused_at_its_field(client: Client, name: str, said: str) -> None:
    answer = sign_up(client, name=name)
    page = answer.content.decode()
    assert said in page
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'value="nora@moothall.example"' in page
    assert not User.objects.exists()


def test_what_is_invisible_in_a_name_is_left_out(client: Client) -> None:
    sign_up(client, name="  Nora\u202e\u2066 \u200bNai\x00ler\ufeff ")
    assert Profile.objects.get().name == "Nora Nailer"


def test_names_that_look_alike_get_different_handles() -> None:
    names = ["Mia Moss", "Mia  Moss", "Мiа Moss", "ＭＩＡ Moss", "Mía Moss", "漢字", "!!", "x" * 80]
    handles = []
    for number, name in enumerate(names):
        user = User.objects.create_user(f"p{number}@moothall.example")
        handles.append(make_profile(user, name).handle)
    assert len(set(handles)) == len(names)
    assert all(handle.isascii() for handle in handles)
    assert handles[:2] == ["mia-moss", "mia-moss-2"]
    assert handles[5:7] == ["member", "member-2"]


HOSTILE = [
    "\x00",
    "a\x00@moothall.example",
    "\u202emia@moothall.example",
    "x" * 10_000,
    "\ud7ff@",
    "'; DROP TABLE--",
    "%s%n",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/account/login/", ("login", "password")),
        ("/account/signup/", ("name", "email", "password1")),
        ("/account/password/reset/", ("email",)),
    ],
)
def test_hostile_fields_are_refused_at_the_form(
    client: Client, address: str, fields: tuple[str, ...], text: str
) -> None:
    answer = client.post(address, dict.fromkeys(fields, text) | {"next": text})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert client.get(address, {"next": text, "email": text}).status_code == 200
    assert not mail.outbox
