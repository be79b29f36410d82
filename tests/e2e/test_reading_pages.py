"""The first page, groups, feeds and search in a browser: sound in every look, usable by keyboard and without script."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from moothall.core.clock import now
from moothall.discussions.models import Kind, Lane
from moothall.discussions.ranking import recount
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action, ReviewItem
from moothall.posting.thank import thank
from moothall.rules.models import Rule
from moothall.search.index import index_posts
from tests.e2e.conftest import OpenPage, assert_axe_clean, assert_fits, each_look
from tests.world import World, join, new_group, new_topic

GROUP_PAGES = ("group", "group_promotions", "group_jobs", "group_about", "group_members", "group_decisions")


def furnish(world: World) -> None:
    """Something of everything that these pages can show."""
    rule = Rule.objects.get(edition__group=world.group, number=2)
    offer = new_topic(world.group, world.mo, "Lime by the bag", kind=Kind.DISCUSSION)
    decide(offer.id, Choice(Action.REROUTE, Lane.PROMOTIONS, "It offers lime.", rule.id), world.olga.id)
    asked = new_topic(world.group, world.olga, "Antidisestablishmentarianism" * 6)
    at = now() - timedelta(hours=2)
    ReviewItem.objects.create(group=world.group, post=world.held, opened_at=at, due_at=at + timedelta(hours=12))
    thank(world.first.id, world.mo.id)
    quiet = new_group("clay-and-chalk")
    join(quiet, world.mia)
    index_posts([world.first, world.reply, offer, asked])
    recount([world.topic.id, asked.topic_id])


def addresses(world: World) -> list[str]:
    found = [reverse(name) for name in ("home", "groups", "how_posts_are_read", "accessibility")]
    found += [reverse(name, args=[world.group.slug]) for name in GROUP_PAGES]
    found += [f"{reverse('group', args=[world.group.slug])}?order=unanswered"]
    return [*found, *(f"{reverse('search')}?{asked}" for asked in ("q=splice", "q=zzz&kind=job", "q=x&group=zzz"))]


@each_look
def test_pages_are_sound_for_members(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    furnish(world)
    page = open_page(world.mia, width=width, scheme=scheme)
    for address in addresses(world):
        page.goto(address)
        assert_axe_clean(page)
        assert_fits(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_sound_for_strangers(world: World, open_page: OpenPage, width: int) -> None:
    page = open_page(width=width)
    nothing_there = reverse("group", args=[world.group.slug])
    for address in (reverse("home"), reverse("groups"), reverse("search"), nothing_there):
        page.goto(address)
        assert_axe_clean(page)
        assert_fits(page)


def test_feed_explains_its_order_in_three_sentences(world: World, open_page: OpenPage) -> None:
    page = open_page(world.mia, has_script=False)
    page.goto(reverse("group", args=[world.group.slug]))
    page.get_by_text("How is this ordered?").click()
    told = page.locator(".why p")
    expect(told).to_be_visible()
    assert len(re.findall(r"\.(?:\s|$)", told.inner_text())) == 3


def test_conversation_is_found_and_opened_by_keyboard_without_script(world: World, open_page: OpenPage) -> None:
    furnish(world)
    page = open_page(world.mia, has_script=False)
    page.goto(reverse("home"))
    page.locator("#q").fill("plinth")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^Search: plinth"))
    page.get_by_role("link", name=world.topic.title).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/topics/{world.topic.id}/\?post={world.reply.id}#p{world.reply.id}$"))


def test_order_and_lane_are_a_click_away(world: World, open_page: OpenPage) -> None:
    furnish(world)
    page = open_page(world.mia, width=380)
    page.goto(reverse("group", args=[world.group.slug]))
    page.get_by_role("link", name=re.compile("^Unanswered")).click()
    expect(page.locator(".feed > li")).to_have_count(1)
    page.get_by_role("link", name=re.compile("^Promotions")).first.click()
    expect(page.get_by_role("link", name="Lime by the bag")).to_be_visible()
