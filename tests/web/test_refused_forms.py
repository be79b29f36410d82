"""What somebody typed is not lost where the form is refused as a whole, and logging in leads back to it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Post, Status, Topic
from moothall.groups.invite import Issued, invite
from moothall.groups.models import Group, Membership, MembershipState, Role, Visibility
from tests.browsers import as_
from tests.world import PASSWORD, World

TYPED = "Two hours of <b>words</b> about lime."
FORM = {"text": TYPED, "title": "On lime", "kind": "question", "go": "post"}
SHOWN = "Two hours of &lt;b&gt;words&lt;/b&gt; about lime."


@pytest.fixture
def world(world: World) -> World:
    world.group.visibility = Visibility.PUBLIC
    world.group.save(update_fields=["visibility"])
    return world


def compose(world: World) -> str:
    return reverse("compose", args=[world.group.slug])


def reply(world: World) -> str:
    return reverse("reply", args=[world.group.slug, world.topic.id])


@pytest.mark.parametrize("state", [MembershipState.LEFT, MembershipState.BANNED])
def test_whoever_is_no_member_any_more_gets_the_text_back(world: World, state: MembershipState) -> None:
    Membership.objects.filter(profile=world.mia).update(state=state)
    for address in (compose(world), reply(world)):
        answer = as_(world.mia).post(address, FORM)
        assert answer.status_code == 403
        assert SHOWN in answer.content.decode()


def test_reply_to_a_conversation_that_went_meanwhile_is_given_back(world: World) -> None:
    Topic.objects.filter(id=world.topic.id).update(status=Status.DELETED)
    answer = as_(world.mo).post(reply(world), FORM)
    assert answer.status_code == 404
    assert SHOWN in answer.content.decode()


def test_text_for_a_group_that_was_closed_meanwhile_is_given_back(world: World) -> None:
    Group.objects.update(closed_at=now())
    answer = as_(world.mia).post(compose(world), FORM)
    assert answer.status_code == 404
    assert SHOWN in answer.content.decode()


@pytest.mark.parametrize("status", [Status.REJECTED, Status.DELETED])
def test_edit_of_a_post_that_was_taken_away_meanwhile_is_given_back(world: World, status: Status) -> None:
    at = now() if status == Status.DELETED else None
    Post.objects.filter(id=world.first.id).update(status=status, deleted_at=at)
    address = reverse("post_edit", args=[world.group.slug, world.first.id])
    answer = as_(world.mia).post(address, {**FORM, "seen_version": 1})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "can&#x27;t be changed any more" in html
    assert SHOWN in html
    assert Post.objects.get(id=world.first.id).version == 1


def test_whoever_was_logged_out_while_writing_gets_the_text_back(world: World) -> None:
    answer = Client().post(reply(world), FORM, headers={"referer": f"http://testserver/groups/{world.group.slug}/"})
    assert answer.status_code == 403
    html = answer.content.decode()
    assert SHOWN in html
    assert f"?next=/groups/{world.group.slug}/" in html


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("account_profile", {"name": "Mia Moss", "about": TYPED, "knows": "Lime"}),
        ("group_new", {"name": "Old houses", "purpose": TYPED}),
        ("account_services", {"title": "Lime", "text": TYPED}),
    ],
)
def test_whatever_one_wrote_while_the_log_in_ended_is_given_back(
    world: World, name: str, fields: dict[str, str]
) -> None:
    answer = Client().post(reverse(name), fields)
    assert answer.status_code == 403
    assert SHOWN in answer.content.decode()


def test_button_without_words_leads_to_the_log_in_at_once(world: World) -> None:
    flag = reverse("post_flag", args=[world.group.slug, world.reply.id])
    assert Client().post(flag, {"reason": "advert"}).status_code == 302


def test_manager_who_is_none_any_more_gets_every_rule_back_and_the_note(world: World) -> None:
    Membership.objects.filter(profile=world.mo).update(role=Role.MEMBER)
    rules = {"text": ["Keep to lime.", "Name your source.", ""], "concern": ["topic", "other", "other"], "do": "save"}
    html = as_(world.mo).post(reverse("group_rules_edit", args=[world.group.slug]), rules).content.decode()
    assert "Keep to lime.\nName your source." in html
    decision = reverse("post_decision", args=[world.group.slug, world.held.id])
    html = as_(world.mo).post(decision, {"do": "return", "note": "Your second part is good."}).content.decode()
    assert "Your second part is good." in html


def test_unknown_address_shows_nothing_of_what_was_sent_to_it(world: World) -> None:
    assert "What you wrote" not in Client().post("/no-such-page", FORM).content.decode()


def test_after_logging_in_one_is_back_on_the_page_of_the_button(world: World) -> None:
    page = reverse("topic", args=[world.group.slug, world.topic.id])
    client = Client()
    thank = reverse("post_thank", args=[world.group.slug, world.reply.id])
    answer = client.post(thank, headers={"referer": f"http://testserver{page}?post=3"})
    login = answer.headers["Location"]
    assert parse_qs(urlsplit(login).query)["next"] == [f"{page}?post=3"]
    back = client.post(login, {"login": "mia.moss@moothall.example", "password": PASSWORD})
    assert client.get(back.headers["Location"]).status_code in (200, 302)


def test_another_site_does_not_say_where_one_lands(world: World) -> None:
    thank = reverse("post_thank", args=[world.group.slug, world.reply.id])
    answer = Client().post(thank, headers={"referer": "https://elsewhere.example/trap"})
    assert "elsewhere" not in answer.headers["Location"]


def test_part_of_a_page_is_never_the_form_for_logging_in(world: World) -> None:
    thank = reverse("post_thank", args=[world.group.slug, world.reply.id])
    answer = Client().post(thank, headers={"hx-request": "true"})
    assert not answer.content
    assert answer.headers["HX-Redirect"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["draft_keep", "preview"])
def test_who_writes_is_told_that_it_is_not_kept_any_more(world: World, name: str) -> None:
    where, part = reverse(name, args=[world.group.slug]), {"hx-request": "true"}
    answer = Client().post(where, FORM, headers=part)
    assert answer.status_code == 200
    assert "You are logged out" in answer.content.decode()
    Membership.objects.filter(profile=world.mia).update(state=MembershipState.LEFT)
    answer = as_(world.mia).post(where, FORM, headers=part)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "You are not a member" in html
    assert "<html" not in html


@pytest.mark.parametrize("name", ["group_settings", "group_leave", "group_reopen"])
def test_log_in_without_a_name_is_asked_for_one_in_a_group_too(world: World, name: str) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root@moothall.example", PASSWORD))
    answer = client.get(reverse(name, args=[world.group.slug]))
    assert answer.headers["Location"].startswith(reverse("account_name"))


def without_a_name() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@moothall.example", PASSWORD))
    return client


def named(client: Client, asked_at: str) -> str:
    """Where one comes to once one has said one's name."""
    fields = {"next": parse_qs(urlsplit(asked_at).query)["next"][0], "name": "Rita Root"}
    return client.post(reverse("account_name"), fields).headers["Location"]


@pytest.mark.parametrize("name", ["group_join", "invitation"])
def test_log_in_without_a_name_comes_back_to_the_door_once_it_has_one(world: World, name: str) -> None:
    door = reverse(name, args=[world.group.slug])
    if name == "invitation":
        asked_in = invite(world.group.id, by_id=world.olga.id, address="")
        assert isinstance(asked_in, Issued)
        door = reverse(name, args=[asked_in.secret])
    client = without_a_name()
    back = named(client, client.get(door).headers["Location"])
    assert back == door
    assert '<button class="btn btn--main">Join' in client.get(back).content.decode()


@pytest.mark.parametrize("name", ["account_login", "account_signup"])
def test_no_link_to_log_in_leads_a_log_in_without_a_name_in_a_circle(world: World, name: str) -> None:
    wanted = reverse("topic", args=[world.group.slug, world.topic.id])
    client = without_a_name()
    answer = client.get(reverse(name), {"next": wanted})
    assert answer.headers["Location"].startswith(reverse("account_name"))
    assert named(client, answer.headers["Location"]) == wanted
    assert client.get(reverse(name), {"next": wanted}).headers["Location"] == wanted
