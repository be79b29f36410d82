"""Editing, deleting, thanking, and a manager's decisions, on posts that came through the door."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from unicodedata import normalize

import pytest

from moothall.core.clock import now
from moothall.discussions.models import Draft, Inbox, Kind, Lane, Post, Revision, Status, Thank, Topic
from moothall.groups.models import Membership
from moothall.moderation.decide import Choice, DecisionRefused, decide, undo
from moothall.moderation.flagging import flag
from moothall.moderation.models import Action, Decision, ReviewItem
from moothall.notifications.models import Attitude, Event, EventKind, Watch
from moothall.posting.answer import choose_answer
from moothall.posting.delete import delete, restore
from moothall.posting.edit import Edit, edit
from moothall.posting.preview import preview_edit
from moothall.posting.submission import Result
from moothall.posting.submit import submit
from moothall.posting.thank import THANKS_A_DAY, take_back, thank
from tests.posting.test_submit import PITCH, TALK, a_topic, the_post
from tests.world import World, new_reply

pytestmark = pytest.mark.django_db


def posted(world: World, **changed: object) -> Post:
    return the_post(submit(a_topic(world, **changed)))


def an_edit(post: Post, text: str, **changed: object) -> Edit:
    given_values = {
        "post_id": post.id,
        "editor_id": post.author_id,
        "text": text,
        "title": post.topic.title,
        "kind": Kind(post.kind),
        "seen_version": post.version,
    }
    return Edit(**(given_values | changed))  # type: ignore[arg-type]


def test_an_edit_keeps_the_text_before(world: World) -> None:
    post = posted(world)
    assert edit(an_edit(post, TALK + " It is oak.")).result == Result.PUBLISHED
    post.refresh_from_db()
    assert (post.version, post.text) == (2, TALK + " It is oak.")
    assert Revision.objects.get(post=post).text == TALK


def test_what_is_turned_into_discussions_shares_their_pace_in_whatever_order(world: World) -> None:
    titles = ["Lintels", "Gutters", "Hinges", "Slates"]
    posts = [posted(world, author_id=world.mo.id, kind=Kind.PROMOTION, title=title) for title in titles]
    for post in reversed(posts):
        edit(an_edit(post, f"{TALK} {post.topic.title} too.", kind=Kind.DISCUSSION))
    topics = Topic.objects.filter(title__in=titles, lane=Lane.DISCUSSIONS).order_by("created_at")
    assert list(topics.values_list("is_paced", flat=True)) == [False, False, True, True]


def test_an_edit_into_a_pitch_is_held(world: World) -> None:
    post = posted(world, author_id=world.nils.id)
    assert post.status == Status.PUBLISHED
    outcome = edit(an_edit(post, PITCH, title="CHEAP DAMP PROOFING"))
    assert outcome.result == Result.HELD
    assert Topic.objects.get(id=post.topic_id).status == Status.HELD
    assert ReviewItem.objects.filter(post=post, decision=None).count() == 1


def test_a_held_pitch_edited_into_talk_is_published_and_leaves_the_queue(world: World) -> None:
    post = posted(world, author_id=world.nils.id, text=PITCH, title="CHEAP DAMP PROOFING")
    assert edit(an_edit(post, TALK, title="Splice or replace?")).result == Result.PUBLISHED
    assert not ReviewItem.objects.filter(post=post, decision=None).exists()


def test_an_edit_that_moves_a_post_to_promotions_follows_its_kind(world: World) -> None:
    post = posted(world, author_id=world.nils.id, text=PITCH, title="CHEAP DAMP PROOFING")
    outcome = edit(an_edit(post, PITCH, kind=Kind.PROMOTION))
    assert (outcome.result, outcome.lane) == (Result.PUBLISHED, Lane.PROMOTIONS)
    assert Topic.objects.get(id=post.topic_id).lane == Lane.PROMOTIONS


@pytest.mark.parametrize("text", [TALK + " It is oak.", PITCH])
def test_an_edit_leaves_a_post_where_a_manager_moved_it(world: World, text: str) -> None:
    post = posted(world, author_id=world.nils.id)
    decide(post.id, Choice(Action.REROUTE), world.mo.id)
    post.refresh_from_db()
    outcome = edit(an_edit(post, text, kind=Kind.DISCUSSION))
    assert (outcome.result, outcome.lane) == (Result.PUBLISHED, Lane.PROMOTIONS)
    assert Topic.objects.get(id=post.topic_id).lane == Lane.PROMOTIONS


def test_an_edit_follows_its_kind_again_once_the_move_was_undone(world: World) -> None:
    post = posted(world, author_id=world.nils.id)
    undo(decide(post.id, Choice(Action.REROUTE), world.mo.id).id, world.mo.id)
    post.refresh_from_db()
    assert edit(an_edit(post, TALK + " It is oak.")).lane == Lane.DISCUSSIONS


def test_what_a_manager_moved_to_jobs_its_author_may_make_a_promotion(world: World) -> None:
    post = posted(world, author_id=world.nils.id)
    decide(post.id, Choice(Action.REROUTE, Lane.JOBS), world.mo.id)
    post.refresh_from_db()
    assert edit(an_edit(post, PITCH, kind=Kind.PROMOTION)).lane == Lane.PROMOTIONS
    post.refresh_from_db()
    assert edit(an_edit(post, TALK, kind=Kind.QUESTION)).lane == Lane.DISCUSSIONS


def test_a_form_that_is_sent_twice_saves_once(world: World) -> None:
    post = posted(world)
    asked = an_edit(post, TALK + " It is oak. ")
    outcomes = [edit(asked), edit(asked)]
    assert [(each.result, each.post_id) for each in outcomes] == [(Result.PUBLISHED, post.id)] * 2
    assert Post.objects.get(id=post.id).version == 2
    assert edit(replace(asked, title="Another title")).is_refused


def test_of_two_edits_at_once_the_second_is_told(world: World) -> None:
    post = posted(world)
    assert edit(an_edit(post, "First. " + TALK)).result == Result.PUBLISHED
    second = edit(an_edit(post, "Second. " + TALK))
    assert second.problems[0].field == "seen_version"
    post.refresh_from_db()
    assert post.text.startswith("First.")


def test_only_the_author_edits(world: World) -> None:
    post = posted(world)
    for other in (world.olga, world.mo, world.nils, world.sam):
        assert edit(an_edit(post, "Taken over.", editor_id=other.id)).is_refused


def test_a_returned_post_goes_back_to_a_manager(world: World) -> None:
    post = posted(world, author_id=world.nils.id, text=PITCH, title="CHEAP DAMP PROOFING")
    decide(post.id, Choice(Action.RETURN, note="Tell us what you found."), world.mo.id)
    post.refresh_from_db()
    assert post.status == Status.RETURNED
    assert edit(an_edit(post, TALK)).result == Result.HELD


def test_a_deleted_topic_is_gone_and_can_be_put_back(world: World) -> None:
    post = posted(world)
    assert not delete(post.id, world.mia.id).is_refused
    assert not Post.objects.readable_by(world.mia).filter(id=post.id).exists()
    assert not restore(post.id, world.mia.id).is_refused
    assert Post.objects.readable_by(world.olga).filter(id=post.id).exists()


def test_a_conversation_outlives_its_deleted_first_post(world: World) -> None:
    post = posted(world)
    submit(a_topic(world, author_id=world.mo.id, topic_id=post.topic_id, text="Splice it, it holds well."))
    delete(post.id, world.mia.id)
    assert Topic.objects.get(id=post.topic_id).status == Status.PUBLISHED


def test_a_conversation_ends_with_its_last_words_and_goes_on_with_them(world: World) -> None:
    delete(world.first.id, world.mia.id)
    delete(world.reply.id, world.mo.id)
    assert Topic.objects.get(id=world.topic.id).status == Status.DELETED
    assert not restore(world.reply.id, world.mo.id).is_refused
    assert Topic.objects.get(id=world.topic.id).status == Status.PUBLISHED
    assert Post.objects.published().filter(id=world.reply.id).exists()


def test_a_comment_does_not_bring_back_what_the_group_could_never_read(world: World) -> None:
    delete(world.reply.id, world.mo.id)
    Post.objects.filter(id=world.first.id).update(status=Status.HELD)
    delete(world.first.id, world.mia.id)
    assert restore(world.reply.id, world.mo.id).is_refused
    assert Post.objects.get(id=world.reply.id).status == Status.DELETED
    assert Topic.objects.get(id=world.topic.id).status == Status.DELETED


def test_a_comment_that_a_manager_accepts_can_be_read_though_all_others_were_deleted(world: World) -> None:
    waits = posted(world, author_id=world.nils.id, topic_id=world.topic.id, text=PITCH, title="")
    assert waits.status == Status.HELD
    delete(world.first.id, world.mia.id)
    delete(world.reply.id, world.mo.id)
    decide(waits.id, Choice(Action.ACCEPT), world.olga.id)
    assert Post.objects.readable_by(world.mia).filter(id=waits.id).exists()


def test_what_answered_answers_no_more_once_it_is_gone(world: World) -> None:
    choose_answer(world.reply.id, world.mia.id)
    Post.objects.filter(id=world.reply.id).update(is_doubtful=False)

    def topic() -> Topic:
        return Topic.objects.select_related("answer").get(id=world.topic.id)

    assert (topic().is_answered, topic().is_unanswered) == (True, False)
    delete(world.reply.id, world.mo.id)
    assert (topic().is_answered, topic().is_unanswered) == (False, True)
    restore(world.reply.id, world.mo.id)
    assert (topic().is_answered, topic().is_unanswered) == (True, False)
    moved = decide(world.reply.id, Choice(Action.REROUTE), world.olga.id)
    assert (topic().is_answered, topic().is_unanswered) == (False, True)
    undo(moved.id, world.olga.id)
    assert (topic().is_answered, topic().is_unanswered) == (True, False)


def test_nothing_is_put_back_after_30_days_or_by_others(world: World) -> None:
    post = posted(world)
    delete(post.id, world.mia.id)
    assert restore(post.id, world.mo.id).is_refused
    Post.objects.filter(id=post.id).update(deleted_at=now() - timedelta(days=31))
    assert restore(post.id, world.mia.id).is_refused


def test_thanks_count_once_and_can_be_taken_back(world: World) -> None:
    thank(world.reply.id, world.mia.id)
    thank(world.reply.id, world.mia.id)
    assert Post.objects.get(id=world.reply.id).thanked_count == 1
    take_back(world.reply.id, world.mia.id)
    assert Post.objects.get(id=world.reply.id).thanked_count == 0


def test_only_so_many_thanks_are_given_in_a_day(world: World) -> None:
    replies = [new_reply(world.topic, world.mo) for _ in range(THANKS_A_DAY)]
    given = [thank(reply.id, world.mia.id) for reply in replies]
    assert not any(outcome.is_refused for outcome in given)
    told = Event.objects.filter(kind=EventKind.THANKED)
    assert (
        thank(world.reply.id, world.mia.id).problems[0].message.startswith(f"You have thanked for {THANKS_A_DAY} posts")
    )
    assert told.count() == THANKS_A_DAY
    # Sent twice it is no further one; and somebody else's are not counted.
    assert not thank(replies[0].id, world.mia.id).is_refused
    assert not thank(world.reply.id, world.nils.id).is_refused
    assert not take_back(replies[0].id, world.mia.id).is_refused
    assert not thank(world.reply.id, world.mia.id).is_refused
    Thank.objects.update(created_at=now() - timedelta(days=1, minutes=1))
    assert not thank(replies[0].id, world.mia.id).is_refused


@pytest.mark.parametrize("who", ["mo", "sam"])
def test_nobody_thanks_themselves_and_strangers_do_not_thank(world: World, who: str) -> None:
    assert thank(world.reply.id, world.persona(who).id).is_refused


@pytest.mark.parametrize(
    ("action", "status", "lane"),
    [
        (Action.ACCEPT, Status.PUBLISHED, Lane.DISCUSSIONS),
        (Action.REROUTE, Status.PUBLISHED, Lane.PROMOTIONS),
        (Action.RETURN, Status.RETURNED, Lane.DISCUSSIONS),
        (Action.REJECT, Status.REJECTED, Lane.DISCUSSIONS),
    ],
)
def test_a_managers_decision_and_its_undo(world: World, action: Action, status: Status, lane: Lane) -> None:
    post = posted(world, author_id=world.nils.id, text=PITCH, title="CHEAP DAMP PROOFING")
    decision = decide(post.id, Choice(action, note="Thank you for writing."), world.mo.id)
    post.refresh_from_db()
    post.topic.refresh_from_db()
    assert (post.status, post.lane, post.topic.status, post.topic.lane) == (status, lane, status, lane)
    assert ReviewItem.objects.get(post=post).decision_id == decision.id
    undo(decision.id, world.olga.id)
    post.refresh_from_db()
    assert (post.status, post.lane) == (Status.HELD, Lane.DISCUSSIONS)
    assert ReviewItem.objects.get(post=post).decision_id is None


def test_a_comment_moved_to_promotions_leaves_its_conversation_and_comes_back_on_undo(world: World) -> None:
    post = posted(world, author_id=world.nils.id, topic_id=world.topic.id, text="Great thread. " + TALK, title="")
    decision = decide(post.id, Choice(Action.REROUTE), world.mo.id)
    post.refresh_from_db()
    assert post.topic_id != world.topic.id
    assert (post.is_first, post.topic.lane) == (True, Lane.PROMOTIONS)
    assert list(world.topic.moved_away.all()) == [decision]
    own = post.topic_id
    undo(decision.id, world.mo.id)
    post.refresh_from_db()
    assert (post.topic_id, post.is_first, post.lane) == (world.topic.id, False, Lane.DISCUSSIONS)
    assert not Topic.objects.filter(id=own).exists()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\u200b\n\u3164\nWe sell lime.", "We sell lime."),
        ("\u05d1\u05bc\u05b0\u0596" * 300, ("\u05d1\u05bc\u05b0\u0596" * 50)),
    ],
)
def test_a_moved_comment_gets_a_title_that_shows_and_fits(world: World, text: str, title: str) -> None:
    comment = new_reply(world.topic, world.nils, text)
    decide(comment.id, Choice(Action.REROUTE), world.mo.id)
    given = Post.objects.get(id=comment.id).topic.title
    assert normalize("NFC", given) == normalize("NFC", title)


def test_what_was_answered_to_a_moved_comment_comes_back_with_it(world: World) -> None:
    decision = decide(world.reply.id, Choice(Action.REROUTE), world.olga.id)
    own = Post.objects.get(id=world.reply.id).topic_id
    answer = posted(world, author_id=world.nils.id, topic_id=own, text=TALK, title="")
    Draft.objects.create(author=world.mia, group=world.group, topic_id=own, text="Begun")
    Watch.objects.create(profile=world.mia, topic_id=own, attitude=Attitude.FOLLOW)
    undo(decision.id, world.olga.id)
    assert not Topic.objects.filter(id=own).exists()
    answer.refresh_from_db()
    assert (answer.topic_id, answer.is_first, answer.status) == (world.topic.id, False, Status.PUBLISHED)
    assert Event.objects.filter(post=answer, topic=world.topic).exists()
    assert Draft.objects.get(author=world.mia).topic_id == world.topic.id
    assert Watch.objects.get(profile=world.mia).topic_id == world.topic.id
    assert Topic.objects.get(id=world.topic.id).reply_count == 2


def test_what_was_answered_to_a_moved_comment_can_be_read_where_nothing_else_stands(world: World) -> None:
    waits = posted(world, author_id=world.nils.id, topic_id=world.topic.id, text=PITCH, title="")
    decision = decide(waits.id, Choice(Action.REROUTE), world.olga.id)
    answer = new_reply(Post.objects.get(id=waits.id).topic, world.mia)
    delete(world.reply.id, world.mo.id)
    delete(world.first.id, world.mia.id)
    undo(decision.id, world.olga.id)
    assert Post.objects.get(id=waits.id).status == Status.HELD
    assert Post.objects.published().filter(id=answer.id).exists()


def test_an_answer_to_what_was_moved_away_can_still_be_edited(world: World) -> None:
    answer = new_reply(world.topic, world.mia)
    Post.objects.filter(id=answer.id).update(reply_to=world.reply)
    decide(world.reply.id, Choice(Action.REROUTE), world.olga.id)
    answer.refresh_from_db()
    asked = an_edit(answer, TALK + " It is oak.")
    assert not preview_edit(answer, asked).problems
    assert edit(asked).result == Result.PUBLISHED


def test_what_was_flagged_after_a_decision_waits_when_that_is_undone(world: World) -> None:
    decision = decide(world.first.id, Choice(Action.REROUTE), world.mo.id)
    assert flag(world.first.id, world.nils.id, 1) is None
    undo(decision.id, world.mo.id)
    assert ReviewItem.objects.filter(post=world.first, decision=None).count() == 1


def test_a_doubtful_post_is_doubtful_again_when_its_decision_is_undone(world: World) -> None:
    Post.objects.filter(id=world.reply.id).update(is_doubtful=True)
    decision = decide(world.reply.id, Choice(Action.ACCEPT), world.olga.id)
    assert not Post.objects.get(id=world.reply.id).is_doubtful
    undo(decision.id, world.olga.id)
    assert Post.objects.get(id=world.reply.id).is_doubtful


def test_a_decision_on_a_post_that_its_author_deleted_since_is_not_undone(world: World) -> None:
    decision = decide(world.reply.id, Choice(Action.RETURN), world.olga.id)
    delete(world.reply.id, world.mo.id)
    with pytest.raises(DecisionRefused, match="deleted"):
        undo(decision.id, world.olga.id)
    assert Post.objects.get(id=world.reply.id).status == Status.DELETED


@pytest.mark.parametrize("who", ["mia", "nils", "sam"])
def test_only_managers_decide(world: World, who: str) -> None:
    with pytest.raises(DecisionRefused):
        decide(world.held.id, Choice(Action.ACCEPT), world.persona(who).id)


def test_a_decision_is_undone_once_and_only_while_it_is_the_last(world: World) -> None:
    first = decide(world.held.id, Choice(Action.ACCEPT), world.mo.id)
    decide(world.held.id, Choice(Action.REJECT), world.olga.id)
    with pytest.raises(DecisionRefused):
        undo(first.id, world.mo.id)


def test_a_rejected_post_costs_its_author_the_standing_and_undo_gives_it_back(world: World) -> None:
    for n in range(3):
        post = posted(world, title=f"Topic {n}")
        Post.objects.filter(id=post.id).update(created_at=now() - timedelta(days=10 - n))
    decision = decide(post.id, Choice(Action.REJECT), world.mo.id)
    membership = Membership.objects.get(profile=world.mia)
    assert not membership.has_standing
    undo(decision.id, world.mo.id)
    membership.refresh_from_db()
    assert membership.has_standing
    assert Decision.objects.filter(post=post, is_machine=False).count() == 2


def test_a_post_that_an_edit_makes_fit_for_the_inbox_is_told_once(world: World) -> None:
    post = posted(world)
    Post.objects.filter(id=post.id).update(inbox=Inbox.EARNING, is_doubtful=True)
    Event.objects.all().delete()
    for words in (" It is oak.", " It is green oak."):
        post.refresh_from_db()
        edit(an_edit(post, TALK + words))
    assert Post.objects.mailable().filter(id=post.id).exists()
    assert [event.kind for event in Event.objects.filter(post=post)] == [EventKind.EARNED]


def test_a_returned_post_waits_for_a_manager_however_often_it_is_edited(world: World) -> None:
    post = posted(world, author_id=world.nils.id)
    decide(post.id, Choice(Action.RETURN), world.mo.id)
    for more in (" It is oak.", " It is old oak.", " It is very old oak."):
        post.refresh_from_db()
        assert edit(an_edit(post, TALK + more)).result == Result.HELD
    assert ReviewItem.objects.filter(post=post, decision=None).count() == 1
    decide(post.id, Choice(Action.ACCEPT), world.mo.id)
    post.refresh_from_db()
    assert edit(an_edit(post, TALK)).result == Result.PUBLISHED


def test_a_post_that_a_manager_held_waits_for_one_however_it_is_edited(world: World) -> None:
    post = posted(world, author_id=world.nils.id)
    decide(post.id, Choice(Action.HOLD), world.mo.id)
    post.refresh_from_db()
    assert edit(an_edit(post, TALK + " It is oak.")).result == Result.HELD
