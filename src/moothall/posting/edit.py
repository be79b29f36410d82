"""Changing a post: the text before is kept, the new one goes through the same reading as a new post."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Case, F, When
from django.db.models.functions import Now

from moothall.core.clock import now
from moothall.core.deadlocks import again_after_deadlock
from moothall.core.markdown import render
from moothall.core.text import clean, clean_line
from moothall.discussions.models import Inbox, Kind, Lane, Post, Revision, Source, Status, Topic
from moothall.discussions.ranking import recount
from moothall.groups.access import Access
from moothall.judging.record import screening
from moothall.judging.standing import refresh_standing
from moothall.moderation.apply import STATUS_OF, Place, mailed_in, move, note_when_fit, place_of, topics_of
from moothall.moderation.flagged import has_open_flags
from moothall.moderation.models import FLAGGED, HELD_BY_MANAGER, RETURNED_ONCE, Action, ReviewItem
from moothall.moderation.policy import Ruling
from moothall.moderation.queue import review_item
from moothall.moderation.reach import take_from_budget
from moothall.notifications.models import Event, EventKind
from moothall.notifications.telling import tell
from moothall.posting.check import check
from moothall.posting.gather import Surroundings, gather
from moothall.posting.read import ReadSubmission, read
from moothall.posting.submission import Outcome, Problem, Result, Submission, refused, submission_of
from moothall.posting.submit import RESULT_OF, outcome_of
from moothall.posting.write import machine_decision, rule_about
from moothall.search.index import index_posts


@dataclass(frozen=True, slots=True)
class Edit:
    """`seen_version` is the version that the editor had before them; title and kind count for first posts only."""

    post_id: int
    editor_id: int
    text: str
    title: str
    kind: Kind
    seen_version: int


EDITABLE = (Status.PUBLISHED, Status.HELD, Status.RETURNED)
_WAITS_AFTER = {Action.RETURN: RETURNED_ONCE, Action.HOLD: HELD_BY_MANAGER}


@again_after_deadlock
def edit(asked: Edit) -> Outcome:
    """Only the author edits. Of two edits at once the second is refused with a problem on `seen_version`, unless it
    says the same: a form that is sent twice saves once."""
    post = Post.objects.select_related("topic").filter(id=asked.post_id, author=asked.editor_id).first()
    if post is None or post.status not in EDITABLE:
        return refused("", "This post can't be changed any more.")
    if post.version != asked.seen_version:
        return _too_late(post, asked)
    submission = as_submission(post, asked)
    around = gather([submission])
    refusal = check(submission, around)
    if refusal is not None:
        return refusal
    one = ruled(post, read([(0, submission)], around)[0])
    if not _save(post, one, around):
        # Edited, deleted or decided on while it was read: it is looked at as it stands now.
        return edit(asked)
    return outcome_of(post, one)


def _save(post: Post, one: ReadSubmission, around: Surroundings) -> bool:
    """False when the post is not what it was when it was read."""
    mailed_before, inbox_before, lane_before = mailed_in(post.id), post.inbox, post.lane
    with transaction.atomic():
        if not _keep(post, one):
            return False
        _carry_out(post, one, around)
        _count_reach(post, inbox_before, lane_before, around.access(one.submission))
        if note_when_fit(post, mailed_before):
            # As if it had earned it: whoever wants posts at once gets it now, unless they had it before.
            opened = Event(kind=EventKind.EARNED, group_id=post.group_id, topic_id=post.topic_id, post=post)
            tell([opened])
    return True


def _too_late(post: Post, asked: Edit) -> Outcome:
    """Another edit came first; `post` is as that one left it."""
    head = (clean_line(asked.title), asked.kind) if post.is_first else (post.topic.title, Kind(post.kind))
    if post.status in EDITABLE and (post.text, post.topic.title, Kind(post.kind)) == (clean(asked.text), *head):
        return Outcome(RESULT_OF[Status(post.status)], post.lane_value, post.topic_id, post.id)
    message = "This post was changed in another window since you opened it. Both texts are below: keep what you need."
    return Outcome(Result.REFUSED, problems=(Problem("seen_version", message),))


def as_submission(post: Post, asked: Edit) -> Submission:
    """What its author rewrites is no history any more, and answers nothing that was moved out of the conversation.

    Load `topic` with the post.
    """
    title, kind = (asked.title, asked.kind) if post.is_first else ("", Kind(post.kind))
    answered = Post.objects.filter(id=post.reply_to_id or 0, topic=post.topic_id).first()
    source = Source(post.source) if post.source != Source.IMPORT else Source.WEB
    written = replace(submission_of(post), text=asked.text, title=title, kind=kind, source=source, plain=None)
    if post.is_first:
        return replace(written, stays_in=_stays_in(post, kind))
    return replace(written, reply_to_id=answered.id if answered else None)


def _stays_in(post: Post, kind: Kind) -> Lane | None:
    """A first post's lane follows its kind, unless a manager moved it there; but who calls it a promotion now may."""
    moves = post.decisions.filter(action=Action.REROUTE, is_machine=False, undoes=None, undone_by=None)
    latest = moves.order_by("-decided_at", "-id").first()
    if latest is None or latest.lane != post.lane or (kind != post.kind and kind.lane == Lane.PROMOTIONS):
        return None
    return post.lane_value


def ruled(post: Post, one: ReadSubmission) -> ReadSubmission:
    """What a manager has yet to see goes to one whatever its new text reads as."""
    reason = _awaited_since(post) if one.ruling.action == Action.ACCEPT else ""
    if not reason:
        return one
    ruling = Ruling(Action.HOLD, one.ruling.lane, True, (reason,))
    return replace(one, ruling=ruling, inbox=Inbox.SHUT)


def _awaited_since(post: Post) -> str:
    """Why it waits whatever it says: members held it, or a manager returned or held it and none has let it stand."""
    if post.status == Status.PUBLISHED:
        return ""
    if post.status == Status.HELD and has_open_flags(post):
        return FLAGGED
    said = post.decisions.filter(is_machine=False, undoes=None, undone_by=None)
    latest = said.order_by("-decided_at", "-id").first()
    return _WAITS_AFTER.get(Action(latest.action), "") if latest is not None else ""


def _keep(post: Post, one: ReadSubmission) -> bool:
    """Stores the old text as a revision and the new one in its place; False when something else came first."""
    kept = Revision(
        post=post,
        version=post.version,
        title=post.topic.title if post.is_first else "",
        text=post.text,
        written_at=post.edited_at or post.created_at,
    )
    as_read = Post.objects.filter(
        id=post.id, version=post.version, status=post.status, topic=post.topic_id, lane=post.lane
    )
    changed = as_read.update(
        version=F("version") + 1,
        text=one.text,
        html=render(one.text),
        kind=one.kind,
        edited_at=now(),
        is_doubtful=one.ruling.is_doubtful,
        inbox=one.inbox,
        inbox_at=Case(When(inbox=one.inbox, then=F("inbox_at")), default=Now()),
    )
    if changed != 1:
        return False
    kept.save()
    if post.is_first:
        Topic.objects.filter(id=post.topic_id).update(title=one.title, kind=one.kind)
    post.refresh_from_db()
    return True


def _carry_out(post: Post, one: ReadSubmission, around: Surroundings) -> None:
    verdict = screening(post, one.verdict)
    verdict.save()
    decision = machine_decision(post, one, rule_about(one.ruling.concern, around.rules.get(post.group_id, ())))
    before = place_of(post)
    decision.screening = verdict
    decision.status_before, decision.from_lane = before.status, before.lane
    decision.save()
    move(post, Place(STATUS_OF[one.ruling.action], one.ruling.lane, post.topic_id, post.is_first))
    _queue(post, around.groups[post.group_id].promise_hours)
    index_posts([post])
    changed = refresh_standing(post.group_id, [post.author_id])
    recount({post.topic_id} | topics_of(post.group_id, changed))


def _count_reach(post: Post, inbox_before: str, lane_before: str, there: Access) -> None:
    """What was shut out of the inbox has mostly cost nothing yet; what has is not paid for again in its lane."""
    is_unpaid = inbox_before == Inbox.SHUT and not post.reach
    if is_unpaid or post.lane != lane_before:
        take_from_budget(post, has_standing=there.has_standing)
        post.save(update_fields=["reach", "is_beyond_reach"])


def _queue(post: Post, promise_hours: int) -> None:
    """A held post waits in the queue once; a post that is no longer held leaves it, unless members flagged it."""
    waiting = ReviewItem.objects.filter(post=post, decision=None)
    if post.status != Status.HELD:
        if not has_open_flags(post):
            waiting.delete()
    elif not waiting.exists():
        review_item(post, promise_hours).save()
