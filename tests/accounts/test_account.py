"""What somebody changes in their own account, and what nobody else can."""

from __future__ import annotations

import re
import statistics
from typing import TYPE_CHECKING

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from moothall.accounts.models import Theme, User
from moothall.members.models import Profile, ProfileState, Service
from tests.world import PASSWORD, build_world, join, new_reply, person

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia() -> Profile:
    mia = person("Mia Moss", "mia@moothall.example")
    EmailAddress.objects.create(user=mia.user, email="mia@moothall.example", verified=True, primary=True)
    return mia


def log_in(client: Client, email: str = "mia@moothall.example") -> Answer:
    return client.post("/account/login/", {"login": email, "password": PASSWORD})


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def press_link_in_mail(client: Client) -> None:
    found = re.search(r"http://[^/\s]+(/account/confirm-email/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    client.post(found[1])


def code_of(secret: str, steps: int = 0) -> str:
    """The app's code, or that of so many half minutes later."""
    now = statistics.median(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, int(now) + steps)))


def give_password_again(client: Client) -> None:
    client.post("/account/reauthenticate/", {"password": PASSWORD})


def set_up_app(client: Client) -> str:
    give_password_again(client)
    secret = re.search(r'id="key" type="text" readonly value="(\w+)"', page(client, "/account/2fa/totp/activate/"))
    assert secret is not None
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret[1])})
    return secret[1]


def test_address_is_changed_once_the_new_one_is_proved(client: Client, mia: Profile) -> None:
    log_in(client)
    give_password_again(client)
    client.post("/account/email/", {"email": "new@moothall.example", "action_add": ""})
    client.post("/account/email/", {"email": "new@moothall.example", "action_primary": ""})
    assert User.objects.get(profile=mia).email == "mia@moothall.example"
    press_link_in_mail(client)
    client.post("/account/email/", {"email": "new@moothall.example", "action_primary": ""})
    client.post("/account/email/", {"email": "mia@moothall.example", "action_remove": ""})
    assert User.objects.get(profile=mia).email == "new@moothall.example"
    assert [a.email for a in EmailAddress.objects.filter(user=mia.user)] == ["new@moothall.example"]
    assert "Your e-mail address was changed" in [sent.subject for sent in mail.outbox]


def test_address_with_which_somebody_signed_up_and_never_proved_it_is_made_the_first(
    client: Client, mia: Profile
) -> None:
    Client().post("/account/signup/", {"name": "Mia", "email": "new@moothall.example", "password1": PASSWORD})
    begun = Profile.objects.get(name="Mia")
    cache.clear()  # An address is mailed a link once in three minutes.
    log_in(client)
    give_password_again(client)
    client.post("/account/email/", {"email": "new@moothall.example", "action_add": ""})
    press_link_in_mail(client)
    client.post("/account/email/", {"email": "new@moothall.example", "action_primary": ""})
    assert User.objects.get(profile=mia).email == "new@moothall.example"
    assert not Profile.objects.filter(id=begun.id).exists()
    assert not User.objects.filter(email="new@moothall.example").exclude(profile=mia).exists()


def test_account_that_somebody_came_into_is_never_forgotten_for_an_address(client: Client, mia: Profile) -> None:
    other = person("Mo Marsh", "mo@moothall.example")
    EmailAddress.objects.create(user=other.user, email="mo@moothall.example", verified=True, primary=True)
    log_in(client)
    give_password_again(client)
    client.post("/account/email/", {"email": "mo@moothall.example", "action_add": ""})
    press_link_in_mail(client)
    assert User.objects.filter(profile=other).exists()
    assert not EmailAddress.objects.filter(user=mia.user, email="mo@moothall.example", verified=True).exists()


def test_adding_an_address_asks_for_the_password_first(client: Client, mia: Profile) -> None:
    log_in(client)
    answer = client.post("/account/email/", {"email": "new@moothall.example", "action_add": ""})
    assert answer["Location"].startswith("/account/reauthenticate/")
    assert not EmailAddress.objects.filter(email="new@moothall.example").exists()


def test_adding_an_address_tells_nothing_of_other_accounts(client: Client, mia: Profile) -> None:
    other = person("Mo Marsh", "mo@moothall.example")
    EmailAddress.objects.create(user=other.user, email="mo@moothall.example", verified=True, primary=True)
    log_in(client)
    give_password_again(client)
    answer = client.post("/account/email/", {"email": "mo@moothall.example", "action_add": ""}, follow=True)
    assert "We have sent a mail to mo@moothall.example" in answer.content.decode()


def test_adding_an_address_while_the_app_is_on_says_what_to_do(client: Client, mia: Profile) -> None:
    log_in(client)
    set_up_app(client)
    answer = client.post("/account/email/", {"email": "new@moothall.example", "action_add": ""})
    assert "Switch it off, add the address and prove it" in answer.content.decode()


def test_app_waits_for_each_address_to_be_proved(client: Client, mia: Profile) -> None:
    EmailAddress.objects.create(user=mia.user, email="new@moothall.example")
    log_in(client)
    give_password_again(client)
    answer = client.get("/account/2fa/totp/activate/", follow=True)
    assert "Prove it or remove it" in answer.content.decode()


def test_session_elsewhere_is_ended_and_this_one_stays(client: Client, mia: Profile) -> None:
    log_in(client)
    phone = Client(headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1"})
    log_in(phone)
    assert "Safari on an iPhone" in page(client, "/account/sessions/")
    there = UserSession.objects.get(user_agent__contains="iPhone")
    client.post(f"/account/sessions/{there.id}/end/")
    assert phone.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200


def test_use_of_a_session_is_noted_at_most_every_ten_minutes(client: Client, mia: Profile) -> None:
    log_in(client)
    client.get("/account/")
    UserSession.objects.update(ip="192.0.2.1")
    client.get("/account/")
    assert UserSession.objects.get().ip == "192.0.2.1"
    session = client.session
    session["seen_at"] -= 601
    session.save()
    client.get("/account/")
    assert UserSession.objects.get().ip == "127.0.0.1"


def test_session_of_somebody_else_cannot_be_ended(client: Client, mia: Profile) -> None:
    other = person("Mo Marsh", "mo@moothall.example")
    theirs = Client()
    assert other.user is not None
    theirs.force_login(other.user)
    theirs.get("/account/")
    log_in(client)
    session = UserSession.objects.get(user=other.user)
    assert client.post(f"/account/sessions/{session.id}/end/").status_code == 404
    assert theirs.get("/account/").status_code == 200


def test_password_alone_does_not_log_in_once_the_app_is_set_up(client: Client, mia: Profile) -> None:
    log_in(client)
    set_up_app(client)
    elsewhere = Client()
    answer = log_in(elsewhere)
    assert answer["Location"] == "/account/2fa/authenticate/"
    assert elsewhere.get("/account/").status_code == 302
    wrong = elsewhere.post("/account/2fa/authenticate/", {"code": "000000"})
    assert "not the right one" in wrong.content.decode()


@pytest.mark.parametrize(("steps", "is_let_in"), [(1, True), (-2, False)])
def test_code_may_be_half_a_minute_off_and_no_more(client: Client, mia: Profile, steps: int, is_let_in: bool) -> None:
    log_in(client)
    secret = set_up_app(client)
    elsewhere = Client()
    log_in(elsewhere)
    elsewhere.post("/account/2fa/authenticate/", {"code": code_of(secret, steps)})
    assert (elsewhere.get("/account/").status_code == 200) == is_let_in


def test_recovery_code_logs_in_once(client: Client, mia: Profile) -> None:
    log_in(client)
    set_up_app(client)
    codes = re.findall(r"<code>(\w+)</code>", page(client, "/account/2fa/recovery-codes/"))
    assert len(codes) == 10
    for expected in (200, 302):
        elsewhere = Client()
        log_in(elsewhere)
        elsewhere.post("/account/2fa/authenticate/", {"code": codes[0]})
        assert elsewhere.get("/account/").status_code == expected


def test_recovery_codes_are_shown_once(client: Client, mia: Profile) -> None:
    log_in(client)
    set_up_app(client)
    page(client, "/account/2fa/recovery-codes/")
    assert "<code>" not in page(client, "/account/2fa/recovery-codes/")


def test_switching_the_app_off_takes_the_codes_with_it(client: Client, mia: Profile) -> None:
    log_in(client)
    set_up_app(client)
    client.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert [sent.subject for sent in mail.outbox][-1] == "Second factor switched off"


def test_deletion_asks_for_a_code_too_where_there_is_one(client: Client, mia: Profile) -> None:
    log_in(client)
    set_up_app(client)
    codes = re.findall(r"<code>(\w+)</code>", page(client, "/account/2fa/recovery-codes/"))
    client.post("/account/delete/", {"posts_afterwards": "keep", "password": PASSWORD})
    without = client.post("/account/delete/confirm/", {"password": PASSWORD})
    assert "Write the code" in without.content.decode()
    assert client.get("/account/").status_code == 200
    client.post("/account/delete/confirm/", {"password": PASSWORD, "code": codes[1]})
    assert client.get("/account/").status_code == 302


def test_code_is_not_used_up_where_the_password_beside_it_is_wrong(client: Client, mia: Profile) -> None:
    log_in(client)
    set_up_app(client)
    codes = re.findall(r"<code>(\w+)</code>", page(client, "/account/2fa/recovery-codes/"))
    client.post("/account/delete/", {"posts_afterwards": "keep", "password": PASSWORD})
    wrong = client.post("/account/delete/confirm/", {"password": "not this one", "code": codes[1]})
    assert "This is not your password" in wrong.content.decode()
    client.post("/account/delete/confirm/", {"password": PASSWORD, "code": codes[1]})
    assert client.get("/account/").status_code == 302


def test_staff_log_in_to_the_admin_by_the_same_door(client: Client, mia: Profile) -> None:
    User.objects.filter(profile=mia).update(is_staff=True, is_superuser=True)
    log_in(client)
    set_up_app(client)
    elsewhere = Client()
    assert elsewhere.get("/admin/", follow=True).request["PATH_INFO"] == "/account/login/"
    log_in(elsewhere)
    assert elsewhere.get("/admin/").status_code == 302
    assert client.get("/admin/").status_code == 200


def test_profile_keeps_what_was_typed_and_says_what_is_wrong(client: Client, mia: Profile) -> None:
    log_in(client)
    answer = client.post(
        "/account/profile/", {"name": "Mia", "about": "x" * 8001, "headline": "", "knows": "Lime\n" + "y" * 61}
    )
    text = answer.content.decode()
    assert "at most 8000 characters" in text
    assert "60 characters at most" in text
    assert "x" * 8001 in text
    mia.refresh_from_db()
    assert mia.name == "Mia Moss"


def test_profile_is_cleaned_of_what_could_break_the_page(client: Client, mia: Profile) -> None:
    log_in(client)
    client.post(
        "/account/profile/",
        {
            "name": "Mia\u202e Moss",
            "headline": "Plas\x00terer\u2066",
            "about": "I **know** lime\x00 <script>alert(1)</script> [x](javascript:alert(1))",
            "knows": "Lime plaster\n\n  Lime plaster \nCob\u202e walls",
        },
    )
    mia.refresh_from_db()
    assert (mia.name, mia.headline, mia.knows) == ("Mia Moss", "Plasterer", ["Lime plaster", "Cob walls"])
    assert "<strong>know</strong>" in mia.about_html
    assert "<script" not in mia.about_html
    assert "javascript:" not in re.findall(r'href="([^"]*)"', mia.about_html)


def test_the_form_of_a_service_sent_twice_adds_one(client: Client, mia: Profile) -> None:
    log_in(client)
    for _ in range(2):
        client.post("/account/services/", {"title": "Limewash", "text": "Mixed to order."})
    assert mia.services.offered().count() == 1


def test_services_are_ordered_removed_and_put_back(client: Client, mia: Profile) -> None:
    log_in(client)
    for title in ("Limewash", "Cornices", "Advice"):
        client.post("/account/services/", {"title": title, "text": ""})
    limewash, _, advice = Service.objects.order_by("id")
    client.post(f"/account/services/{advice.id}/up/")
    client.post(f"/account/services/{limewash.id}/down/")
    assert [s.title for s in mia.services.offered()] == ["Advice", "Limewash", "Cornices"]
    client.post(f"/account/services/{limewash.id}/remove/")
    assert "‘Limewash’ is removed" in page(client, "/account/services/")
    client.post(f"/account/services/{limewash.id}/restore/")
    assert [s.title for s in mia.services.offered()] == ["Advice", "Limewash", "Cornices"]


@pytest.mark.parametrize("what", ["", "up/", "down/", "remove/", "restore/"])
def test_service_of_somebody_else_is_not_there(client: Client, mia: Profile, what: str) -> None:
    other = person("Mo Marsh")
    service = Service.objects.create(profile=other, title="Cobbling")
    log_in(client)
    answer = client.post(f"/account/services/{service.id}/{what}", {"title": "Taken over", "text": ""})
    assert answer.status_code == 404
    service.refresh_from_db()
    assert (service.title, service.removed_at) == ("Cobbling", None)


def test_twenty_services_are_as_many_as_fit(client: Client, mia: Profile) -> None:
    log_in(client)
    answers = [client.post("/account/services/", {"title": f"S{n}", "text": ""}) for n in range(21)]
    assert "as many as fit" in answers[-1].content.decode()
    assert mia.services.count() == 20


def test_display_settings_are_kept_and_forged_ones_refused(client: Client, mia: Profile) -> None:
    log_in(client)
    client.post("/account/display/", {"theme": "dark", "time_zone": "Asia/Kolkata"})
    forged = client.post("/account/display/", {"theme": "<b>", "time_zone": "../../etc/passwd"})
    assert forged.status_code == 200
    user = User.objects.get(profile=mia)
    assert (user.theme, user.time_zone, user.has_letter_keys) == (Theme.DARK, "Asia/Kolkata", False)
    assert 'data-theme="dark"' in page(client, "/account/")


def test_zone_that_the_system_no_longer_knows_shows_london(client: Client, mia: Profile) -> None:
    User.objects.filter(profile=mia).update(time_zone="Mars/Olympus")
    log_in(client)
    assert client.get("/account/").status_code == 200


def test_posts_from_a_proved_address_are_offered_on_the_account_page(client: Client) -> None:
    world = build_world()
    assert world.mia.user is not None
    email = world.mia.user.email
    EmailAddress.objects.create(user=world.mia.user, email=email, verified=True, primary=True)
    known = Profile.objects.create(state=ProfileState.PLACEHOLDER, handle="mia-m", name="Mia M.", claim_address=email)
    join(world.group, known)
    new_reply(world.topic, known)
    log_in(client, email)
    assert f"Posts from {email}: 1 in 1 group" in page(client, "/account/")
    answer = client.post("/account/claims/", {"address": email}, follow=True)
    assert "1 post is yours now" in answer.content.decode()
    again = client.post("/account/claims/", {"address": email}, follow=True)
    assert "no posts from an address that you have proved" in again.content.decode()


def test_log_in_made_on_the_command_line_gets_its_name_first(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", "--email", "root@moothall.example")
    log_in(client, "root@moothall.example")
    answer = client.get("/account/", follow=True)
    assert answer.request["PATH_INFO"] == "/account/name/"
    done = client.post("/account/name/", {"name": "Rita Root", "next": "//elsewhere.example/"})
    assert done["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
