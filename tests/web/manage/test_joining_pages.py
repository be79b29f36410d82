from __future__ import annotations

import re

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from moothall.core.clock import now
from moothall.discussions.models import Post
from moothall.groups.models import Group, Joining, Membership, MembershipState, Role, Visibility
from moothall.members.models import Profile, ProfileState
from moothall.rules.publish import DraftRule, publish
from tests.browsers import as_
from tests.world import World, join, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    world.group.visibility = Visibility.PUBLIC
    world.group.save(update_fields=["visibility"])
    return world


def address(name: str, world: World, **more: object) -> str:
    return reverse(name, kwargs={"slug": world.group.slug, **more})


def test_stranger_reads_the_rules_and_joins(world: World) -> None:
    client = as_(world.sam)
    page = client.get(address("group_join", world)).content.decode()
    assert "Don&#x27;t sell to the group." in page
    client.post(address("group_join", world), {"accepts": "on", "seen_edition": "1"})
    assert Membership.objects.get(profile=world.sam).rules_edition == 1


def test_joining_without_accepting_the_rules_says_so_at_the_box(world: World) -> None:
    page = as_(world.sam).post(address("group_join", world), {"seen_edition": "1"}).content.decode()
    assert 'id="id_accepts_error"' in page
    assert not Membership.objects.filter(profile=world.sam).exists()


@pytest.mark.parametrize("seen", ["0", "99", "-1", "x", ""])
def test_forged_edition_of_the_rules_is_not_accepted(world: World, seen: str) -> None:
    as_(world.sam).post(address("group_join", world), {"accepts": "on", "seen_edition": seen})
    assert not Membership.objects.filter(profile=world.sam).exists()


def test_answer_is_kept_when_the_form_comes_back(world: World) -> None:
    Group.objects.update(joining=Joining.APPROVAL, join_question="Which house?")
    page = as_(world.sam).post(address("group_join", world), {"answer": "The mill", "seen_edition": "1"})
    assert "The mill" in page.content.decode()


def test_answer_is_given_back_where_the_door_was_closed_meanwhile(world: World) -> None:
    Group.objects.update(joining=Joining.INVITATION)
    given = {"accepts": "on", "seen_edition": "1", "answer": "I keep a cob house near Crediton."}
    html = as_(world.sam).post(address("group_join", world), given).content.decode()
    assert "joined by invitation" in html
    assert "I keep a cob house near Crediton." in html


def test_request_is_no_longer_needed_where_anybody_may_join(world: World) -> None:
    Group.objects.update(joining=Joining.APPROVAL)
    client = as_(world.sam)
    client.post(address("group_join", world), {"accepts": "on", "seen_edition": "1"})
    assert "Your request is with the managers" in client.get(address("group_join", world)).content.decode()
    Group.objects.update(joining=Joining.OPEN)
    assert 'name="accepts"' in client.get(address("group_join", world)).content.decode()


def test_request_is_shown_to_managers_with_its_answer_and_approved(world: World) -> None:
    Group.objects.update(joining=Joining.APPROVAL, join_question="Which house?")
    given = {"answer": "<b>The mill</b>", "accepts": "on", "seen_edition": "1"}
    as_(world.sam).post(address("group_join", world), given)
    manager = as_(world.mo)
    page = manager.get(address("group_people", world)).content.decode()
    assert "&lt;b&gt;The mill&lt;/b&gt;" in page
    waiting = Membership.objects.get(profile=world.sam)
    manager.post(address("group_person", world, membership_id=waiting.id), {"do": "approve"})
    waiting.refresh_from_db()
    assert waiting.state == MembershipState.ACTIVE


def test_who_is_not_let_in_reads_so_and_may_ask_again(world: World) -> None:
    Group.objects.update(joining=Joining.APPROVAL)
    client = as_(world.sam)
    given = {"accepts": "on", "seen_edition": "1"}
    client.post(address("group_join", world), given)
    assert "with the managers since" in client.get(reverse("home")).content.decode()
    target = address("group_person", world, membership_id=Membership.objects.get(profile=world.sam).id)
    as_(world.mo).post(target, {"do": "refuse"})
    assert "not let in" in client.get(reverse("home")).content.decode()
    assert "A manager did not let you in" in client.get(address("group_join", world)).content.decode()
    client.post(address("group_join", world), given)
    assert Membership.objects.get(profile=world.sam).refused_at is None
    as_(world.mo).post(target, {"do": "approve"})
    assert "You have asked to join" not in client.get(reverse("home")).content.decode()


def test_second_manager_is_told_that_it_is_decided(world: World) -> None:
    Group.objects.update(joining=Joining.APPROVAL)
    as_(world.sam).post(address("group_join", world), {"accepts": "on", "seen_edition": "1"})
    target = address("group_person", world, membership_id=Membership.objects.get(profile=world.sam).id)
    as_(world.mo).post(target, {"do": "approve"})
    page = as_(world.olga).post(target, {"do": "refuse"}, follow=True).content.decode()
    assert "decided this request already" in page


def test_ban_without_a_reason_says_so_at_the_field(world: World) -> None:
    target = address("group_person", world, membership_id=Membership.objects.get(profile=world.mia).id)
    page = as_(world.mo).post(target, {"do": "ban", "banned_reason": " \u200b"}).content.decode()
    assert 'aria-invalid="true"' in page
    assert Membership.objects.get(profile=world.mia).state == MembershipState.ACTIVE


def test_whoever_left_is_kept_out_before_they_come_back(world: World) -> None:
    there = Membership.objects.get(profile=world.mia)
    as_(world.mia).post(address("group_leave", world))
    manager, target = as_(world.mo), address("group_person", world, membership_id=there.id)
    assert target in manager.get(address("group_people", world) + "?show=left").content.decode()
    assert "Close it to Mia Moss" in manager.get(target).content.decode()
    manager.post(target, {"do": "ban", "banned_reason": "Sold ladders"})
    as_(world.mia).post(address("group_join", world), {"accepts": "on", "seen_edition": "1"})
    assert Membership.objects.get(profile=world.mia).state == MembershipState.BANNED


def test_person_of_another_group_is_not_found(world: World) -> None:
    other = build_other_group()
    target = address("group_person", world, membership_id=other.id)
    assert as_(world.olga).get(target).status_code == 404
    assert as_(world.olga).post(target, {"do": "refuse"}).status_code == 404


def build_other_group() -> Membership:
    group = Group.objects.create(slug="other", name="Other", purpose="Another thing")
    return Membership.objects.create(group=group, profile=person("Lou Lark"))


def test_invitation_link_is_shown_once_and_works(world: World) -> None:
    Group.objects.update(joining=Joining.INVITATION, visibility=Visibility.PRIVATE)
    manager = as_(world.mo)
    page = manager.post(address("group_invitations", world), {"address": ""}).content.decode()
    link = re.search(r'value="http://testserver(/invitations/[^"]+)"', page)
    assert link is not None
    assert link[1] not in manager.get(address("group_invitations", world)).content.decode()
    stranger = as_(world.sam)
    assert "Mo Marsh invites you" in stranger.get(link[1]).content.decode()
    stranger.post(link[1], {"accepts": "on", "seen_edition": "1"})
    assert Membership.objects.get(profile=world.sam).state == MembershipState.ACTIVE
    assert stranger.post(link[1]).headers["Location"] == address("group", world)
    assert as_(world.nils).get(link[1]).status_code == 404


def test_used_link_of_a_group_that_one_finds_no_more_says_what_to_do(world: World) -> None:
    Group.objects.update(joining=Joining.INVITATION, visibility=Visibility.PRIVATE)
    page = as_(world.mo).post(address("group_invitations", world), {"address": ""}).content.decode()
    (link,) = re.findall(r'readonly value="([^"]+)"', page)
    guest = as_(world.sam)
    guest.post(link, {"accepts": "on", "seen_edition": "1"})
    guest.post(address("group_leave", world))
    answer = guest.get(link)
    assert answer.status_code == 404
    assert "Ask whoever sent it for a new one" in answer.content.decode()


@override_settings(SIGNUP_IS_OPEN=False)
def test_where_nobody_can_sign_up_who_comes_from_outside_is_told_so(world: World) -> None:
    page = as_(world.olga).post(address("group_invitations", world), {"do": "link"}).content.decode()
    (link,) = re.findall(r'readonly value="([^"]+)"', page)
    for door in (link, address("group_join", world)):
        html = Client().get(door).content.decode()
        assert reverse("account_signup") not in html
        assert reverse("account_login") in html
        assert "the people who run" in html.lower()


def test_bad_address_of_an_invitation_is_kept_and_explained(world: World) -> None:
    page = as_(world.mo).post(address("group_invitations", world), {"address": "ada"}).content.decode()
    assert 'value="ada"' in page
    assert "Write an e-mail address" in page


def test_invitation_of_another_group_cannot_be_withdrawn(world: World) -> None:
    other = build_other_group()
    Membership.objects.filter(id=other.id).update(role=Role.OWNER)
    lou = as_(other.profile)
    as_(world.mo).post(address("group_invitations", world), {"address": ""})
    target = reverse("invitation_withdraw", kwargs={"slug": "other", "invitation_id": world.group.invitations.get().id})
    lou.post(target)
    assert world.group.invitations.get().withdrawn_at is None


def test_group_is_handed_over_by_two_buttons(world: World) -> None:
    mia = Membership.objects.get(profile=world.mia)
    as_(world.olga).post(address("group_transfer", world), {"do": "offer", "to": str(mia.id)})
    assert "is offered to you" in as_(world.mia).get(address("group_transfer", world)).content.decode()
    as_(world.mia).post(address("group_transfer", world), {"do": "accept"})
    mia.refresh_from_db()
    assert mia.role == Role.OWNER


@pytest.mark.parametrize("to", ["", "x", "0", "9" * 40, "\u0663"])
def test_offer_to_nobody_is_refused(world: World, to: str) -> None:
    as_(world.olga).post(address("group_transfer", world), {"do": "offer", "to": to})
    assert Group.objects.get().ownership_offered_to is None


def test_founder_goes_on_to_write_the_rules(world: World) -> None:
    given = {"name": "Lime\u202e burners\x00", "purpose": "Burning lime", "visibility": "listed", "joining": "approval"}
    answer = as_(world.sam).post(reverse("group_new"), given)
    assert answer.headers["Location"] == reverse("group_rules_edit", kwargs={"slug": "lime-burners"})


@pytest.mark.parametrize(
    ("purpose", "is_hinted"), [("Everything our members care about", True), ("Burning lime", False)]
)
def test_founder_is_told_when_no_post_can_be_held_against_the_interest(
    world: World, purpose: str, *, is_hinted: bool
) -> None:
    given = {"name": "The kiln", "purpose": purpose, "visibility": "listed", "joining": "approval"}
    page = as_(world.sam).post(reverse("group_new"), given, follow=True).content.decode()
    assert ("fits nearly every post" in page) is is_hinted


def test_taken_name_is_explained_at_its_field_and_the_rest_is_kept(world: World) -> None:
    given = {"name": "Old houses", "purpose": "Burning lime", "visibility": "listed", "joining": "approval"}
    page = as_(world.sam).post(reverse("group_new"), given).content.decode()
    assert 'id="id_name_error"' in page
    assert "Burning lime" in page


def test_new_is_no_group(world: World) -> None:
    assert as_(world.sam).get("/groups/new/").templates[0].name == "manage/group_new.html"


def test_member_is_asked_to_read_changed_rules_once(world: World) -> None:
    publish(world.group.id, [DraftRule("Be kind.")], by_id=world.mo.id, seen_edition=1)
    client = as_(world.mia)
    assert "Be kind." in client.get(address("group_rules_accept", world)).content.decode()
    client.post(address("group_rules_accept", world), {"accepts": "on", "seen_edition": "2"})
    assert Membership.objects.get(profile=world.mia).rules_edition == 2


def test_promise_of_one_hour_is_said_as_one(world: World) -> None:
    Post.objects.filter(id=world.held.id).delete()
    Group.objects.update(promise_hours=1)
    for name, who in (("group_review", world.mo), ("group_settings", world.mia), ("group_about", world.mia)):
        html = as_(who).get(address(name, world)).content.decode()
        assert "1 hour" in html
        assert "1 hours" not in html


def test_closed_group_shows_its_owner_the_way_back(world: World) -> None:
    owner = as_(world.olga)
    owner.post(address("group_close", world), {"typed_name": "Old houses"})
    assert "Open it again" in owner.get(address("group_settings", world)).content.decode()
    assert address("group_reopen", world) in owner.get(reverse("groups")).content.decode()
    assert "Old houses" not in as_(world.mo).get(reverse("groups")).content.decode()
    assert as_(world.mia).get(address("group_settings", world)).status_code == 404
    owner.post(address("group_reopen", world))
    assert as_(world.mia).get(address("group_settings", world)).status_code == 200


@pytest.mark.parametrize(("who", "is_told"), [("olga", True), ("mo", True), ("mia", False), ("sam", False)])
def test_managers_alone_read_on_the_groups_pages_that_somebody_asks_to_join(
    world: World, who: str, is_told: bool
) -> None:
    Membership.objects.create(group=world.group, profile=person("Late Lou"), state=MembershipState.PENDING)
    html = as_(world.persona(who)).get(address("group", world)).content.decode()
    assert ("1 person asks to join." in html) is is_told


def test_author_of_an_imported_list_is_offered_no_office(world: World) -> None:
    known = Profile.objects.create(
        state=ProfileState.PLACEHOLDER, handle="old-hand", name="Old Hand", claim_address="hand@old-list.example"
    )
    there = join(world.group, known)
    html = as_(world.olga).get(address("group_person", world, membership_id=there.id)).content.decode()
    assert "Known from a mailing list" in html
    assert "Make a moderator" not in html
    assert "Offer the group" not in html
    assert "Close it to Old Hand" in html


@pytest.mark.parametrize(
    ("joining", "words"),
    [
        (Joining.OPEN, "You can come back at any time."),
        (Joining.APPROVAL, "To come back you ask again."),
        (Joining.INVITATION, "To come back you need a new invitation."),
    ],
)
def test_whoever_leaves_reads_how_one_comes_back(world: World, joining: Joining, words: str) -> None:
    Group.objects.update(joining=joining)
    assert words in as_(world.mia).get(address("group_leave", world)).content.decode()


@pytest.mark.parametrize("page", ["group_about", "group_join", "group_leave"])
def test_owner_of_a_closed_group_is_led_to_open_it_again_and_not_asked_to_join(world: World, page: str) -> None:
    Group.objects.update(closed_at=now())
    answer = as_(world.olga).get(address(page, world), follow=True)
    assert answer.redirect_chain[-1][0] == address("group_reopen", world)
    assert as_(world.mia).get(address(page, world)).status_code == 404
