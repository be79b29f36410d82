"""Single-letter keys in a browser: on only for those who turned them on, and never while somebody writes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from moothall.accounts.models import User
from moothall.discussions.ranking import recount
from moothall.members.models import Profile
from tests.e2e.conftest import OpenPage, assert_axe_clean, assert_fits, each_look
from tests.world import World, new_topic


@pytest.fixture
def mia(world: World) -> Profile:
    User.objects.filter(profile=world.mia).update(has_letter_keys=True)
    second = new_topic(world.group, world.olga, "Lime or cement in a flint wall")
    recount([world.topic.id, second.topic_id])
    return Profile.objects.select_related("user").get(id=world.mia.id)


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent")
    return text.removeprefix("New: ")


def test_j_and_k_move_between_conversations_and_enter_opens(world: World, mia: Profile, open_page: OpenPage) -> None:
    page = open_page(mia)
    page.goto(f"/groups/{world.group.slug}/")
    titles = [title.removeprefix("New: ") for title in page.locator(".feed h3 a").all_text_contents()]
    assert len(titles) == 2
    page.keyboard.press("j")
    assert focused(page) == titles[0]
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == titles[1]
    page.keyboard.press("k")
    assert focused(page) == titles[0]
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(titles[0])


def test_j_and_k_move_between_comments(world: World, mia: Profile, open_page: OpenPage) -> None:
    page = open_page(mia)
    page.goto(f"/groups/{world.group.slug}/topics/{world.topic.id}/")
    for key, post in (("j", world.first), ("j", world.reply), ("k", world.first)):
        page.keyboard.press(key)
        expect(page.locator(f"#p{post.id}")).to_be_focused()


@pytest.mark.parametrize("width", [380, 1280])
def test_slash_goes_to_the_search_field(world: World, mia: Profile, open_page: OpenPage, width: int) -> None:
    page = open_page(mia, width=width)
    page.goto(f"/groups/{world.group.slug}/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search conversations")).to_be_focused()
    page.keyboard.type("lime/j?")
    expect(page.get_by_role("searchbox", name="Search conversations")).to_have_value("lime/j?")


@each_look
def test_question_mark_lists_the_keys(world: World, mia: Profile, open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page(mia, width=width, scheme=scheme)
    page.goto(f"/groups/{world.group.slug}/")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    assert_axe_clean(page)
    assert_fits(page)
    expect(keys.get_by_role("button", name="Close the list")).to_be_focused()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


@pytest.mark.parametrize("key", ["Control+j", "Alt+j", "Meta+j", "Shift+J"])
def test_keys_with_modifiers_are_left_to_the_browser(world: World, mia: Profile, open_page: OpenPage, key: str) -> None:
    page = open_page(mia)
    page.goto(f"/groups/{world.group.slug}/")
    page.keyboard.press(key)
    assert page.evaluate("document.activeElement === document.body")


def test_letters_are_only_letters_while_somebody_writes(world: World, mia: Profile, open_page: OpenPage) -> None:
    page = open_page(mia)
    page.goto(f"/groups/{world.group.slug}/topics/{world.topic.id}/")
    reply = page.locator("#text")
    reply.click()
    page.keyboard.type("jack? k/j")
    expect(reply).to_have_value("jack? k/j")
    expect(reply).to_be_focused()


def test_nobody_has_keys_who_did_not_turn_them_on(world: World, open_page: OpenPage) -> None:
    page = open_page(world.mia)
    page.goto(f"/groups/{world.group.slug}/")
    for key in ("j", "/", "?"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement === document.body")
    page.goto("/account/display/")
    page.get_by_label("Single-letter keys").check()
    page.get_by_role("button", name="Save").click()
    page.goto(f"/groups/{world.group.slug}/")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('.feed') !== null")
