"""Pages seen by few: with words that never end, on paper, in a system's own few colours, beside a bar that stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

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


def held_and_read(world: World) -> None:
    """Nils's post waits, and words of it are underlined for the managers."""
    screened(world.held, promotion=0.9)
    ReviewItem.objects.create(group=world.group, post=world.held, due_at=now() + timedelta(hours=12))


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
