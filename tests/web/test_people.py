"""A profile as each reader may see it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from moothall.core.clock import now
from moothall.discussions.models import Kind, Lane, Post, Thank
from moothall.groups.models import Group, Visibility
from moothall.members.models import Profile, ProfileState, Service
from tests.browsers import as_
from tests.world import World, join, new_group, new_reply, new_topic

pytestmark = pytest.mark.django_db


def page(client: Client, profile: Profile, query: str = "") -> str:
    return client.get(f"/people/{profile.handle}/{query}").content.decode()


def test_conversations_of_groups_that_the_reader_may_not_read_are_left_out(world: World) -> None:
    assert world.topic.title in page(as_(world.nils), world.mia)
    assert world.topic.title not in page(as_(world.sam), world.mia)


def test_closed_group_is_on_nobodys_profile(world: World) -> None:
    assert "Old houses" in page(as_(world.nils), world.mia)
    Group.objects.update(closed_at=now())
    for reader in (world.nils, world.mia):
        assert "Old houses" not in page(as_(reader), world.mia)


def test_held_posts_are_on_nobodys_profile(world: World) -> None:
    for reader in (world.olga, world.mo, world.nils, world.mia):
        assert "Best price damp proofing" not in page(as_(reader), world.nils)


def test_groups_in_common_are_those_of_both(world: World) -> None:
    hidden = new_group("secret-cellars")
    join(hidden, world.mia)
    seen = page(as_(world.mo), world.mia)
    assert "Old houses" in seen
    assert "Secret cellars" not in seen


def test_seen_as_others_do_it_shows_nothing_of_private_groups(world: World) -> None:
    public = new_group("gardens", Visibility.PUBLIC)
    join(public, world.mia)
    spoken = new_topic(public, world.mia, "When to prune?")
    html = page(as_(world.mia), world.mia, "?as=others")
    assert "Old houses" not in html
    assert world.topic.title not in html
    assert spoken.topic.title in html


def test_figures_are_for_the_owner_alone(world: World) -> None:
    offer = new_topic(world.group, world.mia, "Lime for sale", kind=Kind.PROMOTION, lane=Lane.PROMOTIONS)
    new_reply(world.topic, world.nils)
    Thank.objects.create(post=world.first, profile=world.mo)
    Post.objects.filter(id=offer.id).update(lane=Lane.PROMOTIONS)
    own = page(as_(world.mia), world.mia)
    assert '<th scope="row">you wrote</th><td class="r">1</td><td class="r">1</td>' in own
    assert '<th scope="row">replies to what you began</th><td class="r">2</td><td class="r">0</td>' in own
    assert '<td class="r"><b>1</b></td><td class="r"><b>0</b></td>' in own
    assert "Only you see this" not in page(as_(world.mo), world.mia)
    assert "Only you see this" not in page(as_(world.mia), world.mia, "?as=others")


def test_no_address_is_on_any_profile(world: World) -> None:
    known = Profile.objects.create(
        state=ProfileState.PLACEHOLDER, handle="old-hand", name="Old Hand", claim_address="hand@old-list.example"
    )
    new_reply(world.topic, known)
    for person in (world.mia, known):
        for reader in (world.mia, world.olga):
            seen = page(as_(reader), person)
            assert "@" not in seen.replace("hx-", "")


def test_placeholder_is_seen_by_whoever_may_read_their_posts(world: World) -> None:
    known = Profile.objects.create(
        state=ProfileState.PLACEHOLDER, handle="old-hand", name="Old Hand", claim_address="hand@old-list.example"
    )
    new_reply(world.topic, known)
    assert "Are these your posts?" in page(as_(world.mia), known)
    assert as_(world.sam).get("/people/old-hand/").status_code == 404


def test_former_member_has_a_page(world: World) -> None:
    gone = Profile.objects.create(state=ProfileState.FORMER, handle="former-member-9", name="Former member")
    new_reply(world.topic, gone)
    assert "This person has left" in page(as_(world.mia), gone)


def test_nobody_is_seen_from_outside_but_those_who_write_in_public(world: World, client: Client) -> None:
    assert client.get("/people/mia-moss/").status_code == 302
    assert client.get("/people/no-such-person/").status_code == 302
    square = new_group("market-square", Visibility.PUBLIC)
    new_topic(square, world.mia, "Where the market was")
    seen = page(client, world.mia)
    assert "Where the market was" in seen
    assert world.topic.title not in seen


def test_services_that_were_removed_are_not_shown(world: World) -> None:
    Service.objects.create(profile=world.mia, title="Limewash & <b>more</b>")
    Service.objects.create(profile=world.mia, title="Thatching", removed_at=world.first.created_at)
    seen = page(as_(world.mo), world.mia)
    assert "Limewash &amp; &lt;b&gt;more&lt;/b&gt;" in seen
    assert "Thatching" not in seen


def _queries(world: World) -> int:
    client = as_(world.mo)
    page(client, world.mia)
    with CaptureQueriesContext(connection) as queries:
        page(client, world.mia)
    return len(queries)


def test_page_takes_as_many_queries_for_many_conversations_as_for_one(world: World) -> None:
    before = _queries(world)
    for number in range(12):
        new_topic(world.group, world.mia, f"Question {number}")
        join(new_group(f"group-{number}"), world.mia)
        Service.objects.create(profile=world.mia, title=f"Service {number}")
    assert _queries(world) == before
