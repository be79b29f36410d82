"""From signing up to the first page, and every page of the account, in a browser with and without script."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from moothall.accounts.exports import begin_export
from moothall.accounts.models import Export
from moothall.discussions.models import Thank
from moothall.members.models import Profile, ProfileState, Service
from moothall.members.offers import remove
from moothall.posting.delete import delete
from moothall.posting.exporting import mark_failed, write_export
from tests.e2e.conftest import OpenPage, assert_axe_clean, assert_fits, each_look
from tests.world import PASSWORD, World, join, new_group, new_reply, new_topic

ENTRANCE = [
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/confirm-email/",
    "/account/confirm-email/wrong/",
    "/account/password/reset/key/1-wrong/",
    "/account/inactive/",
    "/account/3rdparty/login/cancelled/",
    "/account/3rdparty/login/error/",
]
INSIDE = [
    "/account/",
    "/account/profile/",
    "/account/services/",
    "/account/display/",
    "/account/claims/",
    "/account/posts/",
    "/account/email/",
    "/account/password/change/",
    "/account/sessions/",
    "/account/2fa/",
    "/account/logout/",
    "/account/reauthenticate/",
    "/account/3rdparty/",
    "/account/delete/",
    "/people/mia-moss/",
    "/people/mia-moss/?as=others",
    "/people/mo-marsh/",
    "/people/mia-m/",
]


@pytest.fixture(autouse=True)
def no_rates_of_earlier_tests(transactional_db: None) -> None:
    """The table of the cache is no model's, so that it outlives a test that commits."""
    cache.clear()


def furnish(world: World) -> None:
    mia = world.mia
    assert mia.user is not None
    EmailAddress.objects.create(user=mia.user, email=mia.user.email, verified=True, primary=True)
    EmailAddress.objects.create(user=mia.user, email="mia@old-list.example", verified=True)
    EmailAddress.objects.create(user=mia.user, email="mia.at.work@somewhere-with-a-long-name.example")
    known = Profile.objects.create(
        state=ProfileState.PLACEHOLDER, handle="mia-m", name="Mia M.", claim_address="mia@old-list.example"
    )
    join(world.group, known)
    new_reply(world.topic, known, "The old plinth was lime too.")
    Profile.objects.filter(id=mia.id).update(
        headline="Keeps a timber house near Sudbury",
        knows=["Lime plaster on laths", "Clay lump"],
        about="I **mend** what others took out.",
        about_html="<p>I <strong>mend</strong> what others took out.</p>",
    )
    for position, title in enumerate(["Hollin & Marl, lime plastering", "A look and a written opinion", "Old"]):
        Service.objects.create(profile=mia, title=title, text="Within 25 miles.", position=position)
    remove(Service.objects.get(title="Old"))
    Thank.objects.create(post=world.first, profile=world.mo)
    left = new_group("a-group-that-was-left")
    delete(new_topic(left, mia, "Clover or chamomile?").id, mia.id)
    new_reply(new_topic(left, mia).topic, mia, "https://a.long.address.example/" + "without-an-end" * 30)


def assert_sound(page: Page, address: str) -> None:
    page.goto(address)
    assert_axe_clean(page)
    assert_fits(page)


@each_look
def test_pages_on_the_way_in_are_sound(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page(width=width, scheme=scheme)
    titles = set()
    for address in ENTRANCE:
        assert_sound(page, address)
        titles.add(page.title())
    assert len(titles) == len(ENTRANCE)


@each_look
def test_pages_of_an_account_are_sound(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    furnish(world)
    page = open_page(world.mia, width=width, scheme=scheme)
    for address in INSIDE:
        assert_sound(page, address)


@each_look
def test_second_factor_is_set_up_on_sound_pages(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    furnish(world)
    EmailAddress.objects.filter(verified=False).delete()
    page = open_page(world.mia, width=width, scheme=scheme)
    page.goto("/account/2fa/totp/activate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("not the right one")).to_be_visible()
    page.wait_for_load_state()
    assert_axe_clean(page)
    assert_fits(page)


@each_look
def test_each_state_of_an_export_is_sound(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    furnish(world)
    assert world.mia.user is not None
    page = open_page(world.mia, width=width, scheme=scheme)
    assert_sound(page, "/account/export/")
    export = begin_export(world.mia.user)
    Export.objects.filter(id=export.id).update(done_count=500, total_count=2000)
    assert_sound(page, "/account/export/")
    write_export(export.id)
    expect(page.get_by_role("link", name="Fetch the file")).to_be_visible(timeout=20_000)
    assert_sound(page, "/account/export/")
    mark_failed(begin_export(world.mia.user).id)
    assert_sound(page, "/account/export/")


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_newcomer_signs_up_and_lands_where_they_wanted(world: World, open_page: OpenPage, has_script: bool) -> None:
    page = open_page(has_script=has_script)
    page.goto("/account/services/")
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Your name").fill("Nora\u202e Nailer")
    page.get_by_label("E-mail address").fill("nora@moothall.example")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("E-mail address")).to_have_value("nora@moothall.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look at your mail")
    link = re.search(r"http://\S+", str(mail.outbox[-1].body))
    assert link is not None
    page.goto(link[0])
    page.get_by_role("button", name="Yes, this is my address").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your services")
    page.get_by_label("What you offer").fill("Wrought nails")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("button", name="Remove Wrought nails").click()
    page.get_by_role("button", name="Put it back").click()
    page.get_by_role("link", name="your profile", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nora Nailer")
    expect(page.get_by_role("heading", name="Wrought nails")).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_account_is_deleted_and_taken_back(world: World, open_page: OpenPage, has_script: bool) -> None:
    furnish(world)
    assert world.mia.user is not None
    page = open_page(world.mia, has_script=has_script)
    page.goto("/account/")
    page.get_by_role("link", name="Delete your account").click()
    page.get_by_label("Remove them").check()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Your posts are removed")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account on").click()
    expect(page.get_by_role("status")).to_contain_text("logging in takes that back")
    page.get_by_label("E-mail address").fill(world.mia.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("status")).to_contain_text("will not be deleted")


def test_first_field_that_needs_another_look_has_the_focus(world: World, open_page: OpenPage) -> None:
    page = open_page(world.mia)
    page.goto("/account/password/change/")
    page.get_by_label("Your password now").fill("not mine")
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_label("The new password again").fill("short")
    page.get_by_role("button", name="Change my password").click()
    expect(page).to_have_title(re.compile("^Please look again: Change your password"))
    expect(page.get_by_label("Your password now")).to_be_focused()
    expect(page.get_by_label("Your password now")).to_have_accessible_description("This is not your current password.")
