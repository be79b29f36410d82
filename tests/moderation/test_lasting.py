"""A conversation whose first post was deleted, by its author or with the account, perhaps while it waited."""

from __future__ import annotations

import pytest

from moothall.accounts.models import Deletion, PostsAfterwards
from moothall.core.clock import now
from moothall.discussions.feed import Order, feed_page
from moothall.discussions.models import Kind, Lane, Post, Status, Topic
from moothall.discussions.titles import UNTITLED
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide, undo
from moothall.moderation.flagging import flag
from moothall.moderation.models import Action, ReviewItem
from moothall.posting.delete import delete, restore
from moothall.posting.edit import Edit, edit
from moothall.posting.erasing import REMOVED_TITLE, erase_due
from moothall.posting.submission import Outcome
from moothall.posting.submit import submit
from moothall.search.find import Query, find
from moothall.search.index import index_posts
from tests.posting.test_submit import PITCH, a_topic, the_post
from tests.world import World, build_world, join, new_reply, new_topic, person

pytestmark = pytest.mark.django_db
TITLE = "Waxed oak from the merchant"


@pytest.fixture
def world() -> World:
    """Mia answered Nils's conversation before three members flagged it, so that it waits for a manager."""
    found = build_world()
    found.first = new_topic(found.group, found.nils, TITLE)
    found.topic = found.first.topic
    found.reply = new_reply(found.topic, found.mia, "Linseed is kinder to limewash.")
    index_posts([found.first])
    flaggers = [person(name) for name in ("Ruth Thackwray", "Wilf Sparrow")]
    for who in flaggers:
        join(found.group, who)
    for who in (found.mia, *flaggers):
        assert flag(found.first.id, who.id, None) is None
    found.first.refresh_from_db()
    assert found.first.status == Status.HELD
    return found


def topic_of(world: World) -> Topic:
    return Topic.objects.get(id=world.topic.id)


def submit_talk(world: World, **changed: object) -> Outcome:
    return submit(a_topic(world, author_id=world.nils.id, **changed))


def titles_in_the_feed(world: World) -> list[str]:
    """Those of Nils's conversations."""
    rows = feed_page(world.group, Lane.DISCUSSIONS, Order.NEWEST, "", world.olga).rows
    return [row.topic.title for row in rows if row.topic.author_id == world.nils.id]


def test_comments_can_be_read_again_once_the_author_deletes_what_members_held(world: World) -> None:
    assert not Post.objects.published().filter(id=world.reply.id).exists()
    delete(world.first.id, world.nils.id)
    assert Post.objects.published().filter(id=world.reply.id).exists()
    assert topic_of(world).reply_count == 1
    assert topic_of(world).people_count == 1


def test_the_title_goes_with_the_words_of_the_post(world: World) -> None:
    assert titles_in_the_feed(world) == []
    assert find(Query("waxed"), world.olga, "").count == 1
    delete(world.first.id, world.nils.id)
    assert titles_in_the_feed(world) == [UNTITLED]
    for word in ("waxed", "spliced"):
        assert find(Query(word), world.olga, "").count == 0


def test_what_is_left_behind_is_not_put_back_over_the_others_words(world: World) -> None:
    delete(world.first.id, world.nils.id)
    assert restore(world.first.id, world.nils.id).is_refused
    assert topic_of(world).status == Status.PUBLISHED


def test_once_the_others_have_gone_it_comes_back_with_its_title(world: World) -> None:
    delete(world.first.id, world.nils.id)
    delete(world.reply.id, world.mia.id)
    assert topic_of(world).status == Status.DELETED
    assert not restore(world.first.id, world.nils.id).is_refused
    assert (topic_of(world).title, topic_of(world).status) == (TITLE, Status.HELD)
    assert not world.first.revisions.exists()


def test_a_comment_that_is_put_back_brings_the_conversation_without_its_title(world: World) -> None:
    delete(world.reply.id, world.mia.id)
    delete(world.first.id, world.nils.id)
    assert topic_of(world).status == Status.DELETED
    assert not restore(world.reply.id, world.mia.id).is_refused
    assert (topic_of(world).title, topic_of(world).status) == (UNTITLED, Status.PUBLISHED)


def test_what_a_manager_returned_leaves_the_comments_behind_too(world: World) -> None:
    decide(world.first.id, Choice(Action.RETURN), world.mo.id)
    delete(world.first.id, world.nils.id)
    assert titles_in_the_feed(world) == [UNTITLED]


def test_what_a_manager_rejected_takes_its_conversation_along(world: World) -> None:
    decide(world.first.id, Choice(Action.REJECT), world.mo.id)
    delete(world.first.id, world.nils.id)
    assert not Post.objects.published().filter(id=world.reply.id).exists()
    assert not restore(world.first.id, world.nils.id).is_refused
    assert (topic_of(world).title, topic_of(world).status) == (TITLE, Status.REJECTED)


def test_an_edit_that_was_held_leaves_the_comments_behind(world: World) -> None:
    post = the_post(submit_talk(world))
    comment = new_reply(post.topic, world.mo)
    edit(Edit(post.id, world.nils.id, PITCH, "CHEAP DAMP PROOFING", Kind.QUESTION, post.version))
    assert not Post.objects.published().filter(id=comment.id).exists()
    delete(post.id, world.nils.id)
    assert Post.objects.published().filter(id=comment.id).exists()
    assert titles_in_the_feed(world) == [UNTITLED]


def test_below_what_the_group_could_never_read_nothing_comes_to_light(world: World) -> None:
    post = the_post(submit_talk(world, text=PITCH, title="CHEAP DAMP PROOFING"))
    assert post.status == Status.HELD
    comment = new_reply(post.topic, world.mo)
    delete(post.id, world.nils.id)
    assert not Post.objects.published().filter(id=comment.id).exists()
    assert Topic.objects.get(id=post.topic_id).status == Status.DELETED
    decide(comment.id, Choice(Action.ACCEPT), world.olga.id)
    assert not Post.objects.published().filter(id=comment.id).exists()


def test_with_an_account_the_waiting_post_goes_and_the_comments_stay(world: World) -> None:
    never_read = the_post(submit_talk(world, text=PITCH, title="CHEAP DAMP PROOFING"))
    new_reply(never_read.topic, world.mo)
    assert world.nils.user is not None
    Deletion.objects.create(user=world.nils.user, posts_afterwards=PostsAfterwards.KEEP, asked_at=now(), due_at=now())
    erase_due()
    assert titles_in_the_feed(world) == [UNTITLED]
    assert Post.objects.published().filter(id=world.reply.id).exists()
    assert not Topic.objects.filter(title__in=[TITLE, "CHEAP DAMP PROOFING"]).exists()
    assert not ReviewItem.objects.filter(post=world.first, decision=None).exists()


def erase(who: Profile, posts_afterwards: PostsAfterwards = PostsAfterwards.REMOVE) -> None:
    assert who.user is not None
    Deletion.objects.create(user=who.user, posts_afterwards=posts_afterwards, asked_at=now(), due_at=now())
    erase_due()


@pytest.fixture
def left_alone() -> World:
    """Mia deleted what she asked; Mo's answer is all that stands."""
    found = build_world()
    delete(found.first.id, found.mia.id)
    return found


def test_below_what_went_with_an_account_the_last_words_can_be_deleted_and_put_back() -> None:
    world = build_world()
    erase(world.mia)
    assert not delete(world.reply.id, world.mo.id).is_refused
    assert topic_of(world).status == Status.DELETED
    assert not restore(world.reply.id, world.mo.id).is_refused
    assert (topic_of(world).title, topic_of(world).status) == (world.topic.title, Status.PUBLISHED)
    assert not world.first.revisions.exists()


def test_a_conversation_called_like_a_removed_one_goes_on_like_any_other() -> None:
    world = build_world()
    Topic.objects.filter(id=world.topic.id).update(title=REMOVED_TITLE)
    erase(world.mia)
    assert not delete(world.reply.id, world.mo.id).is_refused
    assert not restore(world.reply.id, world.mo.id).is_refused
    assert topic_of(world).status == Status.PUBLISHED


def test_a_comment_brings_back_nothing_that_had_ended_before_the_account_went() -> None:
    world = build_world()
    delete(world.reply.id, world.mo.id)
    erase(world.mia)
    assert restore(world.reply.id, world.mo.id).is_refused


@pytest.mark.parametrize("choice", [Choice(Action.REJECT), Choice(Action.REROUTE)])
def test_a_conversation_ends_when_a_manager_takes_its_last_words_away(left_alone: World, choice: Choice) -> None:
    decision = decide(left_alone.reply.id, choice, left_alone.olga.id)
    assert topic_of(left_alone).status == Status.DELETED
    undo(decision.id, left_alone.olga.id)
    assert topic_of(left_alone).status == Status.PUBLISHED
    assert Post.objects.published().filter(topic=left_alone.topic).get().id == left_alone.reply.id


def test_a_conversation_ends_when_its_last_words_go_with_an_account(left_alone: World) -> None:
    erase(left_alone.mo)
    assert topic_of(left_alone).status == Status.DELETED


def test_a_conversation_goes_on_when_others_talk_beside_who_goes_with_an_account(left_alone: World) -> None:
    new_reply(left_alone.topic, left_alone.nils)
    erase(left_alone.mo)
    assert topic_of(left_alone).status == Status.PUBLISHED
