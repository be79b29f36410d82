"""What somebody wrote in a group that they are not in any more stays theirs to take back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from moothall.core.clock import now
from moothall.discussions.models import Post, Status, Topic
from moothall.groups.ban import ban
from moothall.groups.leave import leave
from moothall.groups.models import Group, Membership, MembershipState, Visibility
from moothall.moderation.apply import move, own_topic
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action
from moothall.web.account.posts_outside import PAGE
from tests.browsers import as_
from tests.world import TITLE, World, join, new_group, new_reply, new_topic

OWN = "The plinth was put right in lime."


@pytest.fixture
def mia(world: World) -> Client:
    """In the browser of Mia, who began a conversation, answered in one of Nils's, and left."""
    asked = new_topic(world.group, world.nils, "How dry is dry?")
    new_reply(asked.topic, world.mia, OWN)
    leave(world.group.id, world.mia.id)
    return as_(world.mia)


def listed(client: Client, query: str = "") -> str:
    return client.get(reverse("account_posts") + query).content.decode()


def do(client: Client, name: str, post: Post, **fields: object) -> str:
    answer = client.post(reverse(f"account_post_{name}", args=[post.id]), fields)
    return answer.headers.get("Location", str(answer.status_code))


def own(world: World) -> Post:
    return Post.objects.get(author=world.mia, text=OWN)


def closed_to_mia(world: World) -> None:
    membership = Membership.objects.get(group=world.group, profile=world.mia)
    ban(world.group.id, membership.id, reason="Ladders", by_id=world.olga.id)


def closed_to_all(world: World) -> None:
    Group.objects.filter(id=world.group.id).update(closed_at=now())


def asking_to_come_back(world: World) -> None:
    Membership.objects.filter(profile=world.mia).update(state=MembershipState.PENDING)


def never_joined(world: World) -> None:
    Membership.objects.filter(profile=world.mia).delete()


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.PUBLIC])
@pytest.mark.parametrize("happens", [closed_to_mia, closed_to_all, asking_to_come_back, never_joined])
def test_posts_of_a_group_that_one_is_not_in_are_deleted_and_put_back(
    world: World, happens: Callable[[World], None], visibility: Visibility
) -> None:
    Group.objects.update(visibility=visibility)
    happens(world)
    mia = as_(world.mia)
    assert world.group.name in listed(mia)
    assert do(mia, "delete", world.first).startswith(reverse("account_posts"))
    assert Post.objects.get(id=world.first.id).status == Status.DELETED
    html = listed(mia)
    assert "You can put it back for 30 days." in html
    assert "Put it back" in html
    assert do(mia, "restore", world.first).startswith(reverse("account_posts"))
    assert Post.objects.get(id=world.first.id).status == Status.PUBLISHED
    assert "back where it was" in listed(mia)


def test_whoever_left_sees_all_their_own_words_and_nobody_elses(world: World, mia: Client) -> None:
    new_reply(world.topic, world.mia, "Word. " * 100 + "The last one.")
    Post.objects.filter(id=own(world).id).update(reply_to=world.reply)
    html = listed(mia)
    for own_words in (TITLE, "Is a **spliced** length", OWN, "The last one.", "Old houses"):
        assert own_words in html
    for others_words in ("How dry is dry?", "Splice it", "Mo Marsh", "Nils Nook", "damp proofing", "old-houses"):
        assert others_words not in html
    assert world.group.purpose not in html


def test_title_that_was_made_of_anothers_is_not_shown(world: World, mia: Client) -> None:
    wordless = own(world)
    wordless.text = ""
    wordless.save(update_fields=["text"])
    move(wordless, own_topic(wordless, wordless.lane_value))
    assert "How dry is dry?" in Topic.objects.get(id=wordless.topic_id).title
    html = listed(mia)
    assert "No text" in html
    assert "How dry is dry?" not in html


def test_posts_of_groups_that_one_is_in_are_not_listed(world: World) -> None:
    elsewhere = new_group("gardens")
    join(elsewhere, world.mia)
    new_topic(elsewhere, world.mia, "Sowing clover")
    leave(world.group.id, world.mia.id)
    html = listed(as_(world.mia))
    assert TITLE in html
    assert "Sowing clover" not in html
    assert "Nothing here" in listed(as_(world.mo))


def test_nobody_deletes_or_puts_back_anothers_post(world: World, mia: Client) -> None:
    for post in (world.reply, world.held):
        assert do(mia, "delete", post) == "404"
        assert do(mia, "restore", post) == "404"
    assert Post.objects.get(id=world.reply.id).status == Status.PUBLISHED
    assert do(as_(world.olga), "delete", world.first) == "404"


def test_what_waits_was_returned_or_rejected_can_be_deleted_too(world: World, mia: Client) -> None:
    for status in (Status.HELD, Status.RETURNED, Status.REJECTED):
        post = new_topic(world.group, world.mia, f"It is {status}", status=status)
        assert f"It is {status}" in listed(mia)
        do(mia, "delete", post)
        assert Post.objects.get(id=post.id).status == Status.DELETED
        do(mia, "restore", post)
        assert Post.objects.get(id=post.id).status == status


def test_what_a_conversation_left_behind_is_listed_with_its_title_and_not_put_back(world: World, mia: Client) -> None:
    decide(world.first.id, Choice(Action.HOLD), world.mo.id)
    do(mia, "delete", world.first)
    page = listed(mia)
    assert f"<b>{world.topic.title}</b>" in page
    assert "The conversation goes on without it" in page
    assert reverse("account_post_restore", args=[world.first.id]) not in page
    do(mia, "restore", world.first)
    assert Post.objects.get(id=world.first.id).status == Status.DELETED


def test_after_thirty_days_what_was_deleted_is_listed_and_put_back_no_more(world: World, mia: Client) -> None:
    do(mia, "delete", world.first)
    Post.objects.filter(id=world.first.id).update(deleted_at=now() - timedelta(days=31))
    assert do(mia, "restore", world.first).startswith(reverse("account_posts"))
    assert Post.objects.get(id=world.first.id).status == Status.DELETED
    html = listed(mia)
    assert "this one is older" in html
    assert TITLE not in html


def test_what_is_deleted_or_put_back_twice_is_so_once(world: World, mia: Client) -> None:
    for _ in range(2):
        do(mia, "delete", world.first)
    assert "no longer here" in listed(mia)
    for _ in range(2):
        do(mia, "restore", world.first)
    assert "nothing to put back" in listed(mia)
    assert Post.objects.get(id=world.first.id).status == Status.PUBLISHED


def test_each_post_stands_on_one_page_and_an_act_leads_back_to_it(world: World, mia: Client) -> None:
    posts = [new_reply(world.topic, world.mia, f"Word {nth}.") for nth in range(PAGE)]
    # As an archive's, they were written in the same minute, and before what has lower numbers.
    Post.objects.filter(id__in=[post.id for post in posts]).update(created_at=now() - timedelta(days=900))
    first = listed(mia)
    # Above them stand the two that Mia wrote first.
    last = posts[2].id
    second = listed(mia, f"?after={last}")
    assert f'href="?after={last}"' in first
    assert [text in first for text in ("Word 2.", "Word 1.", "Word 0.")] == [True, False, False]
    assert [text in second for text in ("Word 2.", "Word 1.", "Word 0.")] == [False, True, True]
    assert "Older" not in second
    assert do(mia, "delete", posts[0], after=last) == f"{reverse('account_posts')}?after={last}#p{posts[0].id}"


@pytest.mark.parametrize("after", ["x", "-1", "\x00", "9" * 40, "0"])
def test_page_that_never_was_is_the_first(world: World, mia: Client, after: str) -> None:
    assert OWN in listed(mia, f"?after={after}")
    assert do(mia, "delete", world.first, after=after).startswith(reverse("account_posts"))


def test_list_has_as_many_queries_however_much_one_wrote(
    world: World, mia: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    listed(mia)
    with django_assert_num_queries(5):
        listed(mia)
    for nth in range(8):
        post = new_topic(new_group(f"group-{nth}"), world.mia)
        new_reply(post.topic, world.mia)
    with django_assert_num_queries(5):
        assert listed(mia).count(">Delete<") == 2 + 2 * 8


def test_drafts_offer_to_put_back_only_where_that_can_be_done(world: World) -> None:
    Group.objects.update(visibility=Visibility.PUBLIC)
    as_(world.mia).post(reverse("post_delete", args=[world.group.slug, world.first.id]))
    assert TITLE in as_(world.mia).get(reverse("drafts")).content.decode()
    leave(world.group.id, world.mia.id)
    assert TITLE not in as_(world.mia).get(reverse("drafts")).content.decode()
    assert TITLE in listed(as_(world.mia))


@pytest.mark.parametrize("name", ["account", "account_export", "account_delete", "drafts"])
def test_list_is_found_from_the_pages_about_ones_own(world: World, mia: Client, name: str) -> None:
    assert f'href="{reverse("account_posts")}"' in mia.get(reverse(name)).content.decode()


def test_whoever_leaves_or_was_sent_away_is_told_where_their_words_are(world: World) -> None:
    mia = as_(world.mia)
    leaving = mia.get(reverse("group_leave", args=[world.group.slug])).content.decode()
    closed_to_mia(world)
    away = mia.get(reverse("group", args=[world.group.slug]))
    assert away.status_code == 403
    assert all(f'href="{reverse("account_posts")}"' in html for html in (leaving, away.content.decode()))
