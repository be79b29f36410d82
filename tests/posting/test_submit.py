"""Posting through the one door, against real PostgreSQL and the real screener."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moothall.core.archived import PlainText
from moothall.core.clock import now
from moothall.discussions.models import Kind, Lane, Post, Source, Status, Topic
from moothall.groups.models import Membership, MembershipState
from moothall.judging.models import Screening
from moothall.moderation.models import Action, Decision, ReviewItem
from moothall.moderation.policy import mailed_below
from moothall.notifications.models import Event, EventKind
from moothall.posting.submission import Outcome, Result, Submission
from moothall.posting.submit import submit, submit_batch
from moothall.search.models import SearchEntry
from tests.world import World

pytestmark = pytest.mark.django_db

PITCH = (
    "We are a damp control company working all over East Anglia. WE TREAT ALL TYPES OF DAMP, best prices guaranteed. "
    "Call us today on 01632 960 118 for a FREE survey. 15% off for members of this group! www.damp-firm.example"
)
TALK = (
    "We took the cement render off the north wall last week and the sole plate behind it is soft for about a metre. "
    "The post above sounds solid. Has anybody here spliced a plate rather than replacing the whole length?"
)


def a_topic(world: World, **changed: object) -> Submission:
    given_values = {
        "group_id": world.group.id,
        "author_id": world.mia.id,
        "text": TALK,
        "kind": Kind.QUESTION,
        "title": "Splice or replace a sole plate?",
    }
    return Submission(**(given_values | changed))  # type: ignore[arg-type]


def the_post(outcome: Outcome) -> Post:
    assert outcome.post_id is not None
    return Post.objects.get(id=outcome.post_id)


def test_a_question_is_published_with_verdict_decision_event_and_search_words(world: World) -> None:
    outcome = submit(a_topic(world))
    assert outcome.result == Result.PUBLISHED
    post = the_post(outcome)
    assert (post.is_first, post.status, post.lane, post.topic.is_unanswered) == (True, "published", "discussions", True)
    assert Screening.objects.get(post=post).promotion < 0.5
    assert Decision.objects.get(post=post).action == Action.ACCEPT
    assert Event.objects.get(post=post).kind == EventKind.POSTED
    assert SearchEntry.objects.filter(post=post).exists()


def by_number(text: str) -> str:
    return "".join(f"&#{ord(c)};" if c.isalnum() else c for c in text)


@pytest.mark.parametrize(
    "text",
    [
        f"{TALK}\n\n> {PITCH}",
        f"{TALK}\n\n&gt; {PITCH}",
        f"{TALK}\n\n-- \n{PITCH}",
        by_number(PITCH),
        PITCH.replace("a", "**a**"),
    ],
)
def test_a_pitch_is_found_wherever_its_readers_see_it(world: World, text: str) -> None:
    outcome = submit(a_topic(world, author_id=world.nils.id, text=text))
    assert outcome.result == Result.HELD
    assert Screening.objects.get(post=outcome.post_id).promotion > 0.9


def test_whoever_quotes_what_was_said_is_not_taken_for_its_author(world: World) -> None:
    Post.objects.filter(id=world.first.id).update(text=PITCH)
    text = f"> {PITCH}\n\nPlease read our second rule: offers have a place of their own."
    answer = a_topic(world, title="", text=text, topic_id=world.topic.id, kind=Kind.DISCUSSION, author_id=world.nils.id)
    assert submit(answer).result == Result.PUBLISHED
    for unfit in ({"status": Status.HELD}, {"status": Status.PUBLISHED, "is_doubtful": True}):
        Post.objects.filter(id=world.first.id).update(**unfit)
        outcome = submit(answer)
        assert Screening.objects.get(post=outcome.post_id).promotion > 0.9


def test_a_pitch_is_not_quoted_past_the_screener_out_of_promotions(world: World) -> None:
    offered = submit(a_topic(world, author_id=world.nils.id, text=PITCH, kind=Kind.PROMOTION))
    assert offered.result == Result.PUBLISHED
    text = f"Has anybody here spliced a sole plate rather than replacing it?\n\n> {PITCH}"
    begun = a_topic(world, author_id=world.nils.id, text=text, reply_to_id=offered.post_id)
    assert submit(begun).result == Result.HELD


def quoted_from_elsewhere(world: World) -> float:
    """P(promotion) of an honest question about a price that was quoted to its author; it is shown in any case."""
    quoted = "Render north wall, two coats of NHL 3.5, scaffolding: £4,800 plus VAT. We could start on 12 May."
    text = f"I got this answer from the builder, is it fair?\n\n> {quoted}\n\nIt seems a lot for forty square metres."
    outcome = submit(a_topic(world, text=text))
    assert outcome.result == Result.PUBLISHED
    return Screening.objects.get(post=outcome.post_id).promotion


def test_an_honest_quotation_from_elsewhere_is_mailed_of_a_member_with_standing(world: World) -> None:
    assert quoted_from_elsewhere(world) < mailed_below(has_standing=True)


@pytest.mark.xfail(strict=True, reason="fast-10 reads it at 0.19, fast-9 did at under 0.1: docs/screening-sentence.md")
def test_an_honest_quotation_from_elsewhere_is_no_offer(world: World) -> None:
    assert quoted_from_elsewhere(world) < 0.1


def test_a_pitch_posed_as_a_question_waits_for_a_manager(world: World) -> None:
    outcome = submit(a_topic(world, author_id=world.nils.id, text=PITCH, title="CHEAP DAMP PROOFING"))
    assert outcome.result == Result.HELD
    assert outcome.reasons
    post = the_post(outcome)
    assert post.topic.status == Status.HELD
    item = ReviewItem.objects.get(post=post)
    assert item.due_at is not None
    assert item.due_at - item.opened_at == timedelta(hours=12)
    decision = Decision.objects.get(post=post)
    assert decision.is_machine
    assert decision.rule is not None
    assert decision.rule.text == "Don't sell to the group."


def test_the_same_pitch_in_promotions_is_published_there(world: World) -> None:
    outcome = submit(a_topic(world, text=PITCH, kind=Kind.PROMOTION, title="CHEAP DAMP PROOFING"))
    assert (outcome.result, outcome.lane) == (Result.PUBLISHED, Lane.PROMOTIONS)


def test_a_comment_joins_its_topic_and_tells_the_author(world: World) -> None:
    outcome = submit(
        a_topic(world, author_id=world.mo.id, topic_id=world.topic.id, reply_to_id=world.first.id, title="")
    )
    assert (outcome.result, outcome.topic_id) == (Result.PUBLISHED, world.topic.id)
    event = Event.objects.get(post=outcome.post_id)
    assert (event.kind, event.concerns_id) == (EventKind.REPLIED, world.mia.id)
    world.topic.refresh_from_db()
    assert (world.topic.reply_count, world.topic.people_count) == (2, 2)


def test_a_form_sent_twice_posts_once(world: World) -> None:
    asked = a_topic(world, key=uuid4())
    first, second = submit(asked), submit(asked)
    assert first.post_id == second.post_id
    assert Post.objects.filter(submission_key=asked.key).count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": "  \n "}, "text"),
        ({"text": "\x00\x00"}, "text"),
        ({"text": "x" * (64 * 1024 + 1)}, "text"),
        ({"title": ""}, "title"),
        ({"title": "t" * 201}, "title"),
        ({"topic_id": 10**9}, ""),
        ({"group_id": 10**9}, ""),
        ({"kind": "advert"}, "kind"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    world: World, changed: dict[str, object], field: str
) -> None:
    before = Post.objects.count()
    outcome = submit(a_topic(world, **changed))
    assert outcome.is_refused
    assert outcome.problems[0].field == field
    assert Post.objects.count() == before


def test_exactly_64_kb_is_taken(world: World) -> None:
    assert not submit(a_topic(world, text="word " * 13107)).is_refused


def test_strangers_and_the_banned_cannot_post(world: World) -> None:
    Membership.objects.filter(profile=world.mia).update(state=MembershipState.BANNED)
    for author in (world.sam, world.mia):
        assert submit(a_topic(world, author_id=author.id)).is_refused


def test_a_topic_of_another_group_cannot_be_answered_from_here(world: World) -> None:
    other = Topic.objects.create(
        group=world.group.__class__.objects.create(slug="other", name="Other", purpose="Something else."),
        author=world.sam,
        title="Elsewhere",
        status=Status.PUBLISHED,
    )
    assert submit(a_topic(world, topic_id=other.id)).is_refused


def test_a_newcomer_starts_three_conversations_a_day(world: World) -> None:
    Topic.objects.filter(author=world.nils).delete()
    results = [submit(a_topic(world, author_id=world.nils.id, title=f"Question {n}")) for n in range(4)]
    assert [r.is_refused for r in results] == [False, False, False, True]


def test_a_batch_in_which_a_mail_answers_an_earlier_one_of_the_same_batch(world: World) -> None:
    def mail(number: int, text: str = TALK, **changed: object) -> Submission:
        given_values = {
            "source": Source.IMPORT,
            "thread_key": "root@x.example",
            "message_id": f"{number}@x.example",
            "written_at": now() - timedelta(days=400 - number),
            "plain": PlainText.of(text),
        }
        return a_topic(world, text=text, **(given_values | changed))

    outcomes = submit_batch([mail(1), mail(2, in_reply_to="1@x.example", text="Splice it.\n\n> Has anybody\n")])
    assert [o.result for o in outcomes] == [Result.PUBLISHED, Result.PUBLISHED]
    assert outcomes[0].topic_id == outcomes[1].topic_id
    second = the_post(outcomes[1])
    assert second.reply_to_id == outcomes[0].post_id
    assert "<details" in second.html
    again = submit_batch([mail(1), mail(2)])
    assert [o.post_id for o in again] == [o.post_id for o in outcomes]


def test_posting_costs_the_same_number_of_queries_however_large_the_group(world: World) -> None:
    counts = []
    for n in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            submit(a_topic(world, author_id=world.mo.id, topic_id=world.topic.id, text=f"{TALK} {n}"))
        counts.append(len(queries))
        submit_batch([a_topic(world, author_id=world.olga.id, title=f"Topic {m}") for m in range(10)])
    assert counts[0] == counts[1]
