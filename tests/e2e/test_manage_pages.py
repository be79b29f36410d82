from __future__ import annotations

from datetime import timedelta

import pytest

from moothall.core.clock import now
from moothall.discussions.models import Lane, Post, Status
from moothall.groups.invite import Issued, invite
from moothall.groups.invite_by_mail import stop_invitations_token
from moothall.groups.models import Group, Joining, Membership, MembershipState, Role, Visibility
from moothall.groups.transfer import offer
from moothall.members.models import Profile
from moothall.moderation.models import ReviewItem
from moothall.rules.current import current_rules
from moothall.rules.publish import DraftRule, publish
from tests.e2e.conftest import OpenPage, assert_axe_clean, assert_fits, each_look
from tests.web.manage.test_review_pages import screened
from tests.world import World, new_topic


def fill(world: World) -> dict[str, str]:
    """A group in which every page of the managers has something to show; the addresses of these pages, by name."""
    slug = world.group.slug
    Group.objects.filter(id=world.group.id).update(
        joining=Joining.APPROVAL, join_question="Which house?", visibility=Visibility.LISTED
    )
    asking = Membership.objects.create(
        group=world.group, profile=world.sam, state=MembershipState.PENDING, answer="The mill at Thaxted"
    )
    publish(world.group.id, [DraftRule("Keep to houses."), DraftRule("Be kind.")], by_id=world.mo.id, seen_edition=1)
    for title, keys in (("Best price damp proofing", (1, 2, 3)), ("Best price ever", (1, 2, 9))):
        post = new_topic(world.group, world.nils, title, status=Status.HELD)
        screened(post, promotion=0.9, keys=keys)
        ReviewItem.objects.create(group=world.group, post=post, due_at=now() + timedelta(hours=12))
    Post.objects.filter(group=world.group, author=world.nils, status=Status.HELD).update(reach=450)
    # A row as wide as they come.
    Membership.objects.filter(group=world.group, profile=world.nils).update(joined_at=now() - timedelta(days=500))
    Profile.objects.filter(id=world.nils.id).update(name="Oluwaseun Featherstonehaugh")
    offer(world.group.id, world.mia.id, by_id=world.olga.id)
    issued = invite(world.group.id, by_id=world.mo.id, address="lou@moothall.example")
    assert isinstance(issued, Issued)
    return {
        "founding": "/groups/new/",
        "joining": f"/groups/{slug}/join/",
        "leaving": f"/groups/{slug}/leave/",
        "rules": f"/groups/{slug}/rules/",
        "rules editor": f"/groups/{slug}/rules/edit/",
        "accepting": f"/groups/{slug}/rules/accept/",
        "settings": f"/groups/{slug}/settings/",
        "people": f"/groups/{slug}/people/",
        "person": f"/groups/{slug}/people/{asking.id}/",
        "invitations": f"/groups/{slug}/invitations/",
        "invitation": f"/invitations/{issued.secret}/",
        "way out of invitations": f"/mail/invitations/{stop_invitations_token('ada@moothall.example')}/",
        "transfer": f"/groups/{slug}/transfer/",
        "closing": f"/groups/{slug}/close/",
        "queue": f"/groups/{slug}/review/",
    }


@each_look
def test_pages_of_managers_hold_up(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page(world.olga, width=width, scheme=scheme)
    titles = set()
    addresses = fill(world)
    for address in addresses.values():
        page.goto(address)
        assert_axe_clean(page)
        assert_fits(page)
        titles.add(page.title())
    assert len(titles) == len(addresses)


@each_look
def test_pages_that_others_see_hold_up(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    addresses = fill(world)
    stranger = open_page(world.persona("sam"), width=width, scheme=scheme)
    member = open_page(world.mia, width=width, scheme=scheme)
    nobody = open_page(width=width, scheme=scheme)
    for page, names in (
        (stranger, ("joining", "leaving", "invitation", "rules")),
        (member, ("settings", "transfer", "rules", "leaving")),
        (nobody, ("joining", "invitation", "rules")),
    ):
        for name in names:
            page.goto(addresses[name])
            assert_axe_clean(page)
            assert_fits(page)


@pytest.mark.parametrize("has_script", [True, False])
def test_manager_moves_a_post_with_those_like_it_and_takes_it_back(
    world: World, open_page: OpenPage, has_script: bool
) -> None:
    addresses = fill(world)
    page = open_page(world.mo, has_script=has_script)
    page.goto(addresses["queue"])
    page.get_by_label("What Oluwaseun Featherstonehaugh will read").fill("Thank you. Offers stand in Promotions.")
    page.get_by_role("button", name="Move").click()
    assert page.get_by_text("and 1 like it").is_visible()
    assert Post.objects.filter(lane=Lane.PROMOTIONS, status=Status.PUBLISHED).count() == 2
    page.get_by_role("button", name="Undo Z").click()
    assert page.get_by_text("Taken back.").is_visible()
    assert Post.objects.filter(lane=Lane.PROMOTIONS).count() == 0


@pytest.mark.parametrize("has_script", [True, False])
def test_rules_are_rearranged_and_saved(world: World, open_page: OpenPage, has_script: bool) -> None:
    page = open_page(world.mo, has_script=has_script)
    page.goto(f"/groups/{world.group.slug}/rules/edit/")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("Rule 3", exact=True).fill("Say where a house is.")
    page.get_by_role("button", name="Move rule 3 up").click()
    page.get_by_role("button", name="Take out rule 1").click()
    page.get_by_role("button", name="Save the rules").click()
    assert [rule.text for rule in current_rules(world.group)] == ["Say where a house is.", "Don't sell to the group."]


def test_stranger_joins_by_keyboard_alone(world: World, open_page: OpenPage) -> None:
    Group.objects.filter(id=world.group.id).update(visibility=Visibility.LISTED)
    page = open_page(world.sam)
    page.goto(f"/groups/{world.group.slug}/join/")
    page.get_by_label("I have read the rules and will keep them").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/groups/{world.group.slug}/")
    assert Membership.objects.get(profile=world.sam).role == Role.MEMBER
