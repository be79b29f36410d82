"""A group's history is read again: after a new version of the screener, or an archive that was read in a hurry.

Each post gets a verdict of today beside the one it had. A post's place in the feed follows, where no manager has
decided on it; nothing is held, moved or mailed: what stands was seen to stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from moothall.core.clock import now
from moothall.discussions.models import Lane, Post, Source, Status
from moothall.discussions.ranking import recount
from moothall.groups.models import Group, Membership, MembershipState, Role
from moothall.judging.judge import assess, candidate, screener
from moothall.judging.memory import memories
from moothall.judging.models import Rereading, Screening
from moothall.judging.record import screening, words_read
from moothall.judging.standing import author_records
from moothall.moderation.models import Action, Decision
from moothall.moderation.policy import PolicyContext, Ruling, reading, rule
from moothall.rules.models import Rule, RulesEdition
from moothall_screening import AuthorRecord, Candidate, Verdict

BATCH = 25


@dataclass(frozen=True, slots=True)
class _Group:
    """What stays the same for all posts of a group."""

    group: Group
    rules: tuple[str, ...]
    memberships: dict[int, Membership]
    records: dict[int, AuthorRecord]


def unread(group_id: int) -> QuerySet[Post]:
    """Posts whose present words the screener of today has not read; what was erased or deleted is left alone."""
    today = Screening.objects.filter(
        post=OuterRef("id"), post_version=OuterRef("version"), model_version=screener().version
    )
    posts = Post.objects.filter(group=group_id).exclude(text="").exclude(status=Status.DELETED)
    return posts.filter(~Exists(today))


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
    under_way = Rereading.objects.select_related("group").filter(id=rereading_id, finished_at=None).first()
    if under_way is None:
        return False
    waiting = unread(under_way.group_id).filter(id__gt=under_way.last_post).order_by("id")
    posts = list(waiting.select_related("topic", "reply_to")[:BATCH])
    if not posts:
        Rereading.objects.filter(id=rereading_id, finished_at=None).update(finished_at=now())
        return False
    around = _around(under_way.group, posts)
    verdicts = assess([_candidate(post, around) for post in posts], memories([under_way.group_id]).get(around.group.id))
    _keep(under_way, posts, verdicts, around)
    return True


def _around(group: Group, posts: Sequence[Post]) -> _Group:
    authors = {post.author_id for post in posts}
    edition = RulesEdition.objects.filter(group=group).order_by("-number").first()
    members = Membership.objects.filter(group=group, profile__in=authors, state=MembershipState.ACTIVE)
    return _Group(
        group=group,
        rules=tuple(Rule.objects.filter(edition=edition).order_by("number").values_list("text", flat=True)),
        memberships={membership.profile_id: membership for membership in members},
        records=dict(author_records(group.id, authors)),
    )


def _candidate(post: Post, around: _Group) -> Candidate:
    is_import = post.source == Source.IMPORT
    record = None if is_import else around.records.get(post.author_id)
    return candidate(
        group=around.group,
        rules=around.rules,
        subject=post.topic.title,
        text=words_read(post),
        parent=_parent_text(post),
        author=record or AuthorRecord(),
    )


def _parent_text(post: Post) -> str | None:
    if post.is_first:
        return None
    parent = post.reply_to or Post.objects.filter(topic=post.topic_id, is_first=True).only("text").first()
    return parent.text if parent is not None else None


@transaction.atomic
def _keep(under_way: Rereading, posts: Sequence[Post], verdicts: Sequence[Verdict], around: _Group) -> None:
    """Verdicts, doubts and how far it has come, all or nothing; a post edited meanwhile is left to its own reading."""
    here = Rereading.objects.select_for_update().filter(id=under_way.id, last_post=under_way.last_post)
    if not here.exists():
        return
    versions = dict(Post.objects.filter(id__in=[post.id for post in posts]).values_list("id", "version"))
    current = [(p, v) for p, v in zip(posts, verdicts, strict=True) if versions.get(p.id) == p.version]
    Screening.objects.bulk_create([screening(post, verdict) for post, verdict in current], ignore_conflicts=True)
    rulings = [(post, rule(reading(verdict), _context(post, around))) for post, verdict in _open(current)]
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


def _open(read: Sequence[tuple[Post, Verdict]]) -> list[tuple[Post, Verdict]]:
    """Those that stand in a discussion by the machine's word alone."""
    decided = set(
        Decision.objects.filter(
            post__in=[post.id for post, _ in read], is_machine=False, undoes=None, undone_by=None
        ).values_list("post", flat=True)
    )
    return [
        (post, verdict)
        for post, verdict in read
        if post.id not in decided and post.status == Status.PUBLISHED and post.lane == Lane.DISCUSSIONS
    ]


def _is_doubtful(ruling: Ruling) -> bool:
    return ruling.is_doubtful or ruling.action == Action.HOLD


def _context(post: Post, around: _Group) -> PolicyContext:
    membership = around.memberships.get(post.author_id)
    is_manager = membership is not None and membership.role != Role.MEMBER
    return PolicyContext(
        preset=around.group.policy_preset,
        lane=post.lane_value,
        source=Source(post.source),
        is_comment=not post.is_first,
        is_manager=is_manager and post.source not in (Source.IMPORT, Source.MAIL),
        has_standing=membership is not None and (membership.has_standing or is_manager),
    )
