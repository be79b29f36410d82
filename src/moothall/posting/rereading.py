"""A group's history is read again: after a new version of the screener, or an archive that was read in a hurry.

Each post on which no manager has decided gets a verdict of today beside the one it had. Its place in the feed follows;
nothing is held, moved or mailed: what stands was seen to stand.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from moothall.core.clock import now
from moothall.discussions.models import Lane, Post, Status
from moothall.discussions.ranking import recount
from moothall.groups.models import Group
from moothall.judging.judge import screener
from moothall.judging.memory import outdated
from moothall.judging.models import Rereading, Screening
from moothall.judging.record import screening
from moothall.moderation.learning import relearn
from moothall.moderation.models import Action, Decision
from moothall.moderation.policy import Ruling
from moothall.posting.gather import gather
from moothall.posting.read import ReadSubmission, read
from moothall.posting.submission import submission_of

BATCH = 25


def unread(group_id: int) -> QuerySet[Post]:
    """Posts whose present words the screener of today has not read.

    What was erased or deleted is left alone, and so is that on which a manager had the last word.
    """
    today = Screening.objects.filter(
        post=OuterRef("id"), post_version=OuterRef("version"), model_version=screener().version
    )
    decided = Decision.objects.filter(post=OuterRef("id"), is_machine=False, undoes=None, undone_by=None)
    posts = Post.objects.filter(group=group_id).exclude(text="").exclude(status=Status.DELETED)
    return posts.filter(~Exists(today), ~Exists(decided))


def latest(group_id: int) -> Rereading | None:
    return Rereading.objects.filter(group=group_id).order_by("-started_at", "-id").first()


def begin(group_id: int) -> Rereading:
    """The one that is under way, or a new one. Whoever calls this sees to it that `go_on` is called."""
    with transaction.atomic():
        Group.objects.select_for_update().get(id=group_id)
        under_way = Rereading.objects.filter(group=group_id, finished_at=None).first()
        if under_way is not None:
            return under_way
        return Rereading.objects.create(
            group_id=group_id, model_version=screener().version, total=unread(group_id).count()
        )


def go_on(rereading_id: int) -> bool:
    """Reads the next few posts; False when none is left. Killed on the way, it goes on where it stood."""
    under_way = Rereading.objects.filter(id=rereading_id, finished_at=None).first()
    if under_way is None:
        return False
    for group_id in outdated([under_way.group_id]):
        relearn(group_id)
    waiting = unread(under_way.group_id).filter(id__gt=under_way.last_post).order_by("id")
    posts = list(waiting.select_related("topic")[:BATCH])
    if not posts:
        Rereading.objects.filter(id=rereading_id, finished_at=None).update(finished_at=now())
        return False
    submissions = [submission_of(post) for post in posts]
    _keep(under_way, posts, read(list(enumerate(submissions)), gather(submissions)))
    return True


@transaction.atomic
def _keep(under_way: Rereading, posts: Sequence[Post], read: Sequence[ReadSubmission]) -> None:
    """Verdicts, doubts and how far it has come, all or nothing; what was edited or decided meanwhile is left out."""
    here = Rereading.objects.select_for_update().filter(id=under_way.id, last_post=under_way.last_post)
    if not here.exists():
        return
    still = set(unread(under_way.group_id).filter(id__in=[post.id for post in posts]).values_list("id", "version"))
    current = [(post, one) for post, one in zip(posts, read, strict=True) if (post.id, post.version) in still]
    Screening.objects.bulk_create([screening(post, one.verdict) for post, one in current], ignore_conflicts=True)
    rulings = [(post, one.ruling) for post, one in current if _stands(post)]
    changed = [post for post, ruling in rulings if _is_doubtful(ruling) != post.is_doubtful]
    for is_doubtful in (True, False):
        turned = [post.id for post in changed if post.is_doubtful != is_doubtful]
        Post.objects.filter(id__in=turned).update(is_doubtful=is_doubtful)
    recount({post.topic_id for post in changed})
    Rereading.objects.filter(id=under_way.id).update(
        done=F("done") + len(posts),
        changed=F("changed") + len(changed),
        would_hold=F("would_hold") + sum(ruling.action == Action.HOLD for _, ruling in rulings),
        last_post=posts[-1].id,
    )


def _stands(post: Post) -> bool:
    return post.status == Status.PUBLISHED and post.lane == Lane.DISCUSSIONS


def _is_doubtful(ruling: Ruling) -> bool:
    return ruling.is_doubtful or ruling.action == Action.HOLD
