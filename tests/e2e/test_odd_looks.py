"""Pages seen by few: with words that never end, on paper, in a system's own few colours, beside a bar that stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Locator

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Topic
from moothall.discussions.ranking import recount
from moothall.groups.models import Group
from moothall.members.models import Profile
from moothall.moderation.models import ReviewItem
from moothall.rules.models import Rule
from tests.e2e.conftest import OpenPage, assert_fits
from tests.web.manage.test_review_pages import screened
from tests.world import World

ENDLESS = "Wunderbarlichkeitsverwaltungs" * 20
# Contrast of two computed colours, which are opaque here (WCAG 2.2, relative luminance).
CONTRAST = """(of) => {
    const light = (colour) => {
        const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let ground = of;
    while (ground.parentElement && getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)")
        ground = ground.parentElement;
    const pair = [getComputedStyle(of).color, getComputedStyle(ground).backgroundColor].map(light).sort();
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}"""


def held_and_read(world: World) -> None:
    """Nils's post waits, and words of it are underlined for the managers."""
    screened(world.held, promotion=0.9)
    ReviewItem.objects.create(group=world.group, post=world.held, due_at=now() + timedelta(hours=12))


def contrast(of: Locator) -> float:
    found: float = of.evaluate(CONTRAST)
    return found


@pytest.mark.parametrize("width", [320, 1280])
def test_names_and_words_without_spaces_make_no_page_wider(world: World, open_page: OpenPage, width: int) -> None:
    held_and_read(world)
    Group.objects.update(name=ENDLESS[:100], purpose=ENDLESS[:600])
    Profile.objects.update(name=ENDLESS[:80], headline=ENDLESS[:160], knows=[ENDLESS[:60]])
    Rule.objects.update(text=ENDLESS[:400])
    Topic.objects.update(title=ENDLESS[:200])
    recount([world.topic.id])
    page = open_page(world.olga, width=width)
    slug = world.group.slug
    named = ("about", "members", "rules", "review", "people", "settings", "close", "decisions")
    addresses = [reverse(name) for name in ("home", "groups", "account")]
    addresses += [reverse(name, args=[slug]) for name in ("group", "compose", *(f"group_{each}" for each in named))]
    addresses += [reverse("topic", args=[slug, world.topic.id]), reverse("profile", args=[world.mia.handle])]
    for address in addresses:
        page.goto(address)
        assert_fits(page)


def test_columns_of_a_table_keep_their_words_whole(world: World, open_page: OpenPage) -> None:
    page = open_page(world.olga, width=320)
    page.goto(reverse("group_people", args=[world.group.slug]))
    lines = page.locator("td", has_text="Moderator").evaluate(
        "it => { const all = document.createRange(); all.selectNodeContents(it); return all.getClientRects().length; }"
    )
    assert lines == 1


@pytest.mark.parametrize("theme", ["system", "dark"])
def test_paper_is_light_for_whoever_reads_in_the_dark(world: World, open_page: OpenPage, theme: str) -> None:
    User.objects.update(theme=theme)
    page = open_page(world.mia, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(reverse("group", args=[world.group.slug]))
    pale = [contrast(page.locator(each).first) for each in (".talk h3 a", ".talk .meta", ".interest")]
    page.goto(reverse("topic", args=[world.group.slug, world.topic.id]))
    pale += [contrast(page.locator(each).first) for each in ("h1", ".post__head > a", ".post .prose")]
    assert min(pale) >= 4.5


def test_forced_colours_show_what_reads_as_an_offer_and_what_is_chosen(world: World, open_page: OpenPage) -> None:
    held_and_read(world)
    page = open_page(world.olga, scheme="dark")
    page.emulate_media(forced_colors="active", color_scheme="dark")
    page.goto(reverse("group_review", args=[world.group.slug]))
    shown = [contrast(page.locator(each).first) for each in ("mark", "mark sup", ".queue [aria-current] small")]
    page.goto(reverse("group", args=[world.group.slug]))
    shown.append(contrast(page.locator(".tabs [aria-current] span")))
    page.goto(reverse("group_settings", args=[world.group.slug]))
    shown.append(contrast(page.locator(".choice:has(:checked) > span")))
    assert min(shown) >= 4.5


BEHIND = """() => {
    const at = document.activeElement, keys = document.querySelector(".keys");
    const is_behind = at.closest("form.bay") && !keys.contains(at)
        && at.getBoundingClientRect().bottom > keys.getBoundingClientRect().top + 1;
    return is_behind ? at.textContent : "";
}"""


@pytest.mark.parametrize("height", [500, 600, 700, 800])
def test_keyboard_reaches_nothing_behind_the_keys_of_the_queue(world: World, open_page: OpenPage, height: int) -> None:
    held_and_read(world)
    page = open_page(world.olga)
    page.set_viewport_size({"width": 1280, "height": height})
    page.goto(reverse("group_review", args=[world.group.slug]))
    behind, within = [], page.locator("form.bay :is(a, summary, textarea, select)")
    page.get_by_role("link", name="Settings", exact=True).focus()
    for _ in range(within.count()):
        page.keyboard.press("Tab")
        behind.append(page.evaluate(BEHIND))
    assert not any(behind)


def test_keys_of_the_queue_leave_a_low_window_to_the_post(world: World, open_page: OpenPage) -> None:
    held_and_read(world)
    page = open_page(world.olga)
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(reverse("group_review", args=[world.group.slug]))
    page.locator("article .prose").first.evaluate("it => it.scrollIntoView()")
    assert page.locator(".keys").evaluate("it => it.getBoundingClientRect().top > innerHeight")
