"""What managers decide changes how the next post like it reads, in their group only."""

from __future__ import annotations

from math import log

import pytest

from moothall.accounts.models import Deletion, PostsAfterwards
from moothall.core.clock import now
from moothall.discussions.models import Post, Topic
from moothall.groups.models import Group
from moothall.judging.memory import memories
from moothall.judging.models import GroupMemory, Screening
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide, undo
from moothall.moderation.learning import lessons, relearn
from moothall.moderation.models import Action
from moothall.moderation.tasks import learn_anew
from moothall.posting.edit import Edit, edit
from moothall.posting.erasing import erase_due
from moothall.posting.submit import submit
from moothall.rules.models import Concern, Rule
from tests.posting.test_submit import TALK, a_topic, the_post
from tests.queue import work_off
from tests.world import World, build_world, join, new_group

pytestmark = pytest.mark.django_db

PLUG = "There is a day on splicing sole plates at our workshop in June, bring gloves."


@pytest.fixture
def world() -> World:
    return build_world()


def promotion_of(post: Post) -> float:
    return Screening.objects.filter(post=post).latest("screened_at").promotion


def log_odds(chance: float) -> float:
    return log(chance / (1 - chance))


def a_plug(world: World, group: Group | None = None, by: Profile | None = None) -> Post:
    group, by = group or world.group, by or world.mia
    return the_post(submit(a_topic(world, group_id=group.id, author_id=by.id, text=PLUG, title="Splicing")))


def test_what_was_moved_to_promotions_reads_more_like_an_offer_next_time(world: World) -> None:
    first = a_plug(world)
    decide(first.id, Choice(Action.REROUTE), world.mo.id)
    relearn(world.group.id)
    assert log_odds(promotion_of(a_plug(world))) > log_odds(promotion_of(first)) + 0.5


def test_a_pitch_that_posed_as_a_quotation_is_what_is_learnt(world: World) -> None:
    text = f"{TALK}\n\n> {PLUG}"
    posed = the_post(submit(a_topic(world, author_id=world.nils.id, text=text, title="Splicing")))
    decide(posed.id, Choice(Action.REROUTE), world.mo.id)
    assert [lesson.text for lesson in lessons(world.group.id)] == [text.replace("> ", "  ")]


def test_what_quotes_a_doubtful_post_is_learnt_with_the_quotation(world: World) -> None:
    Post.objects.filter(id=world.first.id).update(text=PLUG)
    quoting = a_topic(world, title="", text=f"{TALK}\n\n> {PLUG}", topic_id=world.topic.id)
    answer = the_post(submit(quoting))
    decide(answer.id, Choice(Action.ACCEPT), world.mo.id)
    assert PLUG not in lessons(world.group.id)[0].text
    Post.objects.filter(id=world.first.id).update(is_doubtful=True)
    assert PLUG in lessons(world.group.id)[0].text


def test_another_group_learns_nothing_of_it(world: World) -> None:
    other = new_group("other")
    # Two of whom nothing is known yet: what stood of one author counts for them in every group.
    for each in (world.mia, world.nils):
        join(other, each)
    first = a_plug(world, other, world.nils)
    decide(a_plug(world, by=world.olga).id, Choice(Action.REROUTE), world.mo.id)
    relearn(world.group.id)
    assert promotion_of(a_plug(world, other)) == pytest.approx(promotion_of(first), abs=0.02)


def test_an_undone_decision_is_forgotten(world: World) -> None:
    first = a_plug(world)
    decision = decide(first.id, Choice(Action.REROUTE), world.mo.id)
    relearn(world.group.id)
    undo(decision.id, world.mo.id)
    relearn(world.group.id)
    Post.objects.filter(id=first.id).delete()
    Topic.objects.filter(id=first.topic_id).delete()
    assert lessons(world.group.id) == []
    assert len(memories([world.group.id])[world.group.id]) == 0


def test_a_post_rejected_for_another_reason_teaches_nothing(world: World) -> None:
    post = a_plug(world)
    conduct = Rule.objects.filter(edition__group=world.group).exclude(concern=Concern.OFFERS).earliest("number")
    decide(post.id, Choice(Action.REJECT, rule_id=conduct.id), world.mo.id)
    assert lessons(world.group.id) == []


def test_a_lesson_is_the_text_that_was_decided_on_not_what_it_became(world: World) -> None:
    post = a_plug(world)
    decide(post.id, Choice(Action.REROUTE), world.mo.id)
    post.refresh_from_db()
    edit(Edit(post.id, world.mia.id, TALK, post.topic.title, post.kind_value, post.version))
    assert [(example.text, example.is_promotion) for example in lessons(world.group.id)] == [(PLUG, True)]


def test_a_lesson_has_the_title_that_was_decided_on_not_what_it_became(world: World) -> None:
    post = a_plug(world)
    decide(post.id, Choice(Action.REROUTE), world.mo.id)
    post.refresh_from_db()
    edit(Edit(post.id, world.mia.id, TALK, "Splice or replace a sole plate?", post.kind_value, post.version))
    assert [example.subject for example in lessons(world.group.id)] == ["Splicing"]


def test_learning_twice_gives_the_same_memory(world: World) -> None:
    decide(a_plug(world).id, Choice(Action.REROUTE), world.mo.id)
    relearn(world.group.id)
    first = bytes(GroupMemory.objects.get(group=world.group).model)
    relearn(world.group.id)
    memory = GroupMemory.objects.get(group=world.group)
    assert (bytes(memory.model), memory.edition) == (first, 2)


@pytest.mark.django_db(transaction=True)
def test_after_an_update_every_group_is_learnt_anew() -> None:
    world = build_world()
    decide(a_plug(world).id, Choice(Action.REROUTE), world.mo.id)
    relearn(world.group.id)
    GroupMemory.objects.filter(group=world.group).update(model_version="yesterday")
    assert memories([world.group.id]) == {}
    learn_anew(timestamp=0)
    work_off()
    assert len(memories([world.group.id])[world.group.id]) == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_learnt_of_words_that_went_with_their_author_is_forgotten() -> None:
    world = build_world()
    decide(a_plug(world, by=world.nils).id, Choice(Action.REROUTE), world.mo.id)
    work_off()
    assert len(memories([world.group.id])[world.group.id]) == 1
    user, at = world.nils.user, now()
    assert user is not None
    Deletion.objects.create(user=user, posts_afterwards=PostsAfterwards.REMOVE, asked_at=at, due_at=at)
    erase_due()
    work_off()
    assert len(memories([world.group.id])[world.group.id]) == 0
