from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from moothall.accounts.models import Deletion, PostsAfterwards, User
from moothall.core.clock import now
from moothall.discussions.models import Draft, Post, Revision, Status, Thank, Topic, TopicRead
from moothall.groups.models import Group, Invitation, Membership
from moothall.mailer.bounces import record
from moothall.mailer.models import Bounce, StoppedAddress
from moothall.members.models import Profile, ProfileState, Service
from moothall.members.sign_up import make_profile
from moothall.posting.claiming import references_to_profiles
from moothall.posting.erasing import erase_due
from tests.world import PASSWORD, World, new_reply, new_topic

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db


def due(profile: Profile, posts: PostsAfterwards, days_ago: int = 1) -> Deletion:
    assert profile.user is not None
    at = now() - timedelta(days=days_ago)
    return Deletion.objects.create(user=profile.user, posts_afterwards=posts, asked_at=at, due_at=at)


def test_kept_posts_stand_under_another_name(world: World) -> None:
    due(world.mia, PostsAfterwards.KEEP)
    assert erase_due() == 1
    world.first.refresh_from_db()
    author = world.first.author
    assert world.first.status == Status.PUBLISHED
    assert (author.id, author.name, author.state) == (world.mia.id, "Former member", ProfileState.FORMER)
    assert "mia" not in author.handle


def test_removed_posts_lose_their_words(world: World) -> None:
    Revision.objects.create(post=world.first, version=1, title="Old", text="Old words", written_at=now())
    due(world.mia, PostsAfterwards.REMOVE)
    erase_due()
    world.first.refresh_from_db()
    assert (world.first.status, world.first.text, world.first.html) == (Status.DELETED, "", "")
    assert not Revision.objects.filter(post=world.first).exists()


def test_conversation_in_which_others_talk_outlives_the_first_post(world: World) -> None:
    alone = new_topic(world.group, world.mia, "Nobody answered this")
    due(world.mia, PostsAfterwards.REMOVE)
    erase_due()
    world.topic.refresh_from_db()
    assert world.topic.status == Status.PUBLISHED
    assert Post.objects.get(id=world.reply.id).status == Status.PUBLISHED
    lonely = Topic.objects.get(id=alone.topic_id)
    assert lonely.status == Status.DELETED
    assert "Nobody answered" not in lonely.title


def test_everything_else_of_theirs_is_gone(world: World) -> None:
    mia = world.mia
    Draft.objects.create(author=mia, group=world.group, text="Begun")
    TopicRead.objects.create(profile=mia, topic=world.topic, read_at=now())
    Service.objects.create(profile=mia, title="Limewash")
    EmailAddress.objects.create(user=mia.user, email="mia@other.example", verified=True)
    Profile.objects.filter(id=mia.id).update(about="Of me", about_html="<p>Of me</p>", headline="H", knows=["Lime"])
    due(mia, PostsAfterwards.KEEP)
    erase_due()
    mia.refresh_from_db()
    assert (mia.about, mia.about_html, mia.headline, mia.knows, mia.user) == ("", "", "", [], None)
    for rows in (Draft, TopicRead, Service, EmailAddress, Deletion):
        assert not rows.objects.exists()
    assert not User.objects.filter(email="mia.moss@moothall.example").exists()
    assert not Membership.objects.filter(profile=mia).exists()


def test_none_of_their_addresses_is_kept_beside_the_account(world: World) -> None:
    mia = world.mia.user
    EmailAddress.objects.create(user=mia, email="mia@other.example", verified=True)
    EmailAddress.objects.create(user=mia, email="lou@moothall.example")
    addresses = ("mia.moss@moothall.example", "mia@other.example", "lou@moothall.example")
    for number, address in enumerate(addresses):
        record(None, address, "complaint", now())
        Invitation.objects.create(
            group=world.group, invited_by=world.olga, address=address, secret_hash=str(number), expires_at=now()
        )
    Invitation.objects.create(
        group=world.group, invited_by=world.olga, address="mia@former.example", secret_hash="3", expires_at=now(),
        accepted_by=world.mia,
    )  # fmt: skip
    due(world.mia, PostsAfterwards.KEEP)
    erase_due()
    assert list(Invitation.objects.values_list("address", flat=True)) == ["lou@moothall.example"]
    for rows in (Bounce, StoppedAddress):
        assert list(rows.objects.values_list("address", flat=True)) == ["lou@moothall.example"]


def test_held_posts_are_removed_even_where_published_ones_stay(world: World) -> None:
    due(world.nils, PostsAfterwards.KEEP)
    erase_due()
    world.held.refresh_from_db()
    assert (world.held.status, world.held.text) == (Status.DELETED, "")


def test_thanks_for_others_stay(world: World) -> None:
    Thank.objects.create(post=world.reply, profile=world.mia)
    due(world.mia, PostsAfterwards.REMOVE)
    erase_due()
    assert Thank.objects.filter(post=world.reply).count() == 1


def test_nothing_happens_within_the_grace(world: World) -> None:
    due(world.mia, PostsAfterwards.REMOVE, days_ago=-1)
    assert erase_due() == 0
    world.first.refresh_from_db()
    assert world.first.status == Status.PUBLISHED


def test_owner_of_a_group_waits(world: World) -> None:
    due(world.olga, PostsAfterwards.KEEP)
    assert erase_due() == 0
    assert User.objects.filter(profile=world.olga).exists()


def test_somebody_by_the_name_of_a_former_member_holds_up_no_deletion(world: World) -> None:
    make_profile(User.objects.create_user("lou@moothall.example"), f"Former member {world.mia.id}")
    due(world.mia, PostsAfterwards.KEEP)
    assert erase_due() == 1
    assert Profile.objects.get(id=world.mia.id).state == ProfileState.FORMER


def test_deletion_that_fails_holds_up_none_of_the_others(world: World) -> None:
    failing = due(world.mia, PostsAfterwards.KEEP, days_ago=2)
    Deletion.objects.filter(id=failing.id).update(posts_afterwards="?")
    due(world.nils, PostsAfterwards.KEEP)
    assert erase_due() == 1
    assert list(Deletion.objects.all()) == [failing]


def log_in(client: Client, profile: Profile, password: str = PASSWORD) -> Answer:
    assert profile.user is not None
    EmailAddress.objects.get_or_create(user=profile.user, email=profile.user.email, verified=True, primary=True)
    return client.post("/account/login/", {"login": profile.user.email, "password": password}, follow=True)


def ask(client: Client, posts: str = "keep", password: str = PASSWORD, again: str = PASSWORD) -> Answer:
    client.post("/account/delete/", {"posts_afterwards": posts, "password": password})
    return client.post("/account/delete/confirm/", {"password": again}, follow=True)


def test_asked_twice_it_logs_out_everywhere_and_waits_14_days(world: World, client: Client) -> None:
    log_in(client, world.mia)
    phone = Client()
    log_in(phone, world.mia)
    answer = ask(client, "remove")
    assert "will be deleted on" in answer.content.decode()
    deletion = Deletion.objects.get(user=world.mia.user)
    assert deletion.posts_afterwards == PostsAfterwards.REMOVE
    assert deletion.due_at - deletion.asked_at == timedelta(days=14)
    assert phone.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_day_of_deletion_is_that_of_ones_own_calendar(world: World, client: Client, zone: str) -> None:
    User.objects.filter(profile=world.mia).update(time_zone=zone)
    log_in(client, world.mia)
    said = ask(client).content.decode()
    due_on = Deletion.objects.get(user=world.mia.user).due_at.astimezone(ZoneInfo(zone))
    assert f"will be deleted on {due_on:%-d %B}." in said


def test_logging_in_takes_it_back(world: World, client: Client) -> None:
    log_in(client, world.mia)
    ask(client)
    page = log_in(client, world.mia)
    assert "will not be deleted" in page.content.decode()
    assert not Deletion.objects.exists()


@pytest.mark.parametrize(("first", "second"), [("wrong words here", PASSWORD), (PASSWORD, "wrong words here")])
def test_wrong_password_at_either_question_deletes_nothing(
    world: World, client: Client, first: str, second: str
) -> None:
    log_in(client, world.mia)
    ask(client, password=first, again=second)
    assert not Deletion.objects.exists()


def test_second_question_alone_is_not_answered(world: World, client: Client) -> None:
    log_in(client, world.mia)
    answer = client.post("/account/delete/confirm/", {"password": PASSWORD})
    assert answer["Location"] == "/account/delete/"
    assert not Deletion.objects.exists()


def test_owner_is_told_which_groups_to_hand_over(world: World, client: Client) -> None:
    log_in(client, world.olga)
    page = client.get("/account/delete/").content.decode()
    assert "Old houses" in page
    assert 'name="password"' not in page
    ask(client)
    assert not Deletion.objects.exists()


def test_closed_group_holds_nobody_back(world: World) -> None:
    Group.objects.update(closed_at=now())
    due(world.olga, PostsAfterwards.KEEP)
    assert erase_due() == 1


def test_every_table_that_names_a_profile_is_erased_or_may_keep_a_former_member() -> None:
    """A new one must be thought of here: what it says of somebody who left, without their name."""
    erased = {"Draft", "TopicRead", "Membership", "Invitation.invited_by", "Event.concerns", "Service"}
    erased |= {"Group.ownership_offered_to", "Watch", "Notification", "Digest", "ManagersMail"}
    kept = {"Topic.author", "Topic.last_author", "Post.author", "Thank.profile", "Event.actor", "Decision.decided_by"}
    kept |= {"Flag.profile"}
    kept |= {"RulesEdition.published_by", "Invitation.accepted_by", "SettingsChange.changed_by"}
    named = {(model.__name__, f"{model.__name__}.{field}") for model, field in references_to_profiles()}
    assert {full for short, full in named if not {short, full} & (erased | kept)} == set()


def test_person_may_come_back_with_the_same_address(world: World, client: Client) -> None:
    due(world.mia, PostsAfterwards.KEEP)
    erase_due()
    client.post("/account/signup/", {"name": "Mia Moss", "email": "mia.moss@moothall.example", "password1": PASSWORD})
    assert mail.outbox[0].subject == "Welcome: one click and you are in"
    assert Profile.objects.get(name="Mia Moss").handle == "mia-moss"


def test_replies_to_removed_posts_stay_readable(world: World) -> None:
    answer = new_reply(world.topic, world.mia)
    Post.objects.filter(id=world.reply.id).update(reply_to=answer)
    due(world.mia, PostsAfterwards.REMOVE)
    erase_due()
    assert Post.objects.readable_by(world.olga).filter(id=world.reply.id).exists()


def test_whose_posts_from_an_old_list_are_not_claimed_reads_that_they_stay(world: World, client: Client) -> None:
    assert world.mia.user is not None
    client.force_login(world.mia.user)
    known = Profile.objects.create(
        state=ProfileState.PLACEHOLDER, handle="mia-m-1234", name="Mia M.", claim_address="mia@old-list.example"
    )
    new_topic(world.group, known)
    assert "mia@old-list.example" not in client.get("/account/delete/").content.decode()
    EmailAddress.objects.create(user=world.mia.user, email="mia@old-list.example", verified=True)
    html = client.get("/account/delete/").content.decode()
    assert "Posts from mia@old-list.example" in html
    assert 'href="/account/claims/"' in html
