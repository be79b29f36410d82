"""What a batch of submissions needs to know, read in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from moothall.discussions.models import Post, Source, Status, Topic
from moothall.groups.access import Access
from moothall.groups.models import Group, Membership
from moothall.judging.memory import memories
from moothall.judging.standing import author_records
from moothall.members.models import Profile
from moothall.posting.submission import Submission
from moothall.rules.models import Rule, RulesEdition
from moothall_screening import AuthorRecord, GroupModel


@dataclass(slots=True)
class Surroundings:
    """Everything around a batch, keyed by id; the two dictionaries of mail also learn of the batch itself."""

    groups: Mapping[int, Group]
    profiles: Mapping[int, Profile]
    memberships: Mapping[tuple[int, int], Membership]
    rules: Mapping[int, tuple[Rule, ...]]
    records: Mapping[tuple[int, int], AuthorRecord]
    taught: Mapping[int, GroupModel]
    topics: dict[int, Topic]
    posts: dict[int, Post]
    topics_by_thread: dict[tuple[int, str], Topic] = field(default_factory=dict)
    posts_by_message: dict[tuple[int, str], Post] = field(default_factory=dict)

    def access(self, submission: Submission) -> Access:
        membership = self.memberships.get((submission.group_id, submission.author_id))
        return Access(self.groups[submission.group_id], self.profiles[submission.author_id], membership)

    def topic_of(self, submission: Submission) -> Topic | None:
        if submission.topic_id is not None:
            return self.topics.get(submission.topic_id)
        return self.topics_by_thread.get((submission.group_id, submission.thread_key))

    def parent_of(self, submission: Submission) -> Post | None:
        """What it answers in its conversation: what stands elsewhere could be quoted past the screener."""
        if submission.reply_to_id is not None:
            answered = self.posts.get(submission.reply_to_id)
            return answered if answered is not None and answered.topic_id == submission.topic_id else None
        if submission.in_reply_to:
            return self.posts_by_message.get((submission.group_id, submission.in_reply_to))
        return None

    def record(self, submission: Submission) -> AuthorRecord | None:
        return self.records.get((submission.group_id, submission.author_id))


def gather(submissions: Sequence[Submission]) -> Surroundings:
    group_ids = {s.group_id for s in submissions}
    author_ids = {s.author_id for s in submissions}
    around = Surroundings(
        groups=Group.objects.in_bulk(group_ids),
        profiles=Profile.objects.in_bulk(author_ids),
        memberships={
            (m.group_id, m.profile_id): m
            for m in Membership.objects.filter(group__in=group_ids, profile__in=author_ids)
        },
        rules=_rules(group_ids),
        records=_records(submissions),
        taught=memories(group_ids),
        topics=Topic.objects.in_bulk({s.topic_id for s in submissions if s.topic_id is not None}),
        posts=Post.objects.in_bulk({s.reply_to_id for s in submissions if s.reply_to_id is not None}),
    )
    _add_first_posts(around)
    _add_mail(around, submissions)
    return around


def _rules(group_ids: set[int]) -> dict[int, tuple[Rule, ...]]:
    """The rules in force, by group."""
    latest = RulesEdition.objects.filter(group__in=group_ids).order_by("group_id", "-number").distinct("group_id")
    found: dict[int, list[Rule]] = defaultdict(list)
    for rule in Rule.objects.filter(edition__in=latest.values("id")).select_related("edition").order_by("number"):
        found[rule.edition.group_id].append(rule)
    return {group: tuple(rules) for group, rules in found.items()}


def _records(submissions: Sequence[Submission]) -> dict[tuple[int, int], AuthorRecord]:
    """Nothing for imports: an archive's authors are judged by their words alone."""
    authors: dict[int, set[int]] = defaultdict(set)
    for submission in submissions:
        if submission.source != Source.IMPORT:
            authors[submission.group_id].add(submission.author_id)
    return {
        (group, profile): record
        for group, profiles in authors.items()
        for profile, record in author_records(group, profiles).items()
    }


def _add_first_posts(around: Surroundings) -> None:
    """The first post of each topic that is answered: what the screener reads as the parent."""
    wanted = [topic.id for topic in around.topics.values()]
    if wanted:
        for post in Post.objects.filter(topic__in=wanted, is_first=True):
            around.posts.setdefault(post.id, post)


def _add_mail(around: Surroundings, submissions: Sequence[Submission]) -> None:
    """Topics and posts that mails of the batch name by thread key and message id."""
    keys = {s.thread_key for s in submissions if s.thread_key}
    ids = {i for s in submissions for i in (s.message_id, s.in_reply_to) if i}
    if keys:
        for topic in Topic.objects.filter(group__in=around.groups, thread_key__in=keys):
            around.topics_by_thread[topic.group_id, topic.thread_key] = topic
    if ids:
        stored = Post.objects.filter(group__in=around.groups, message_id__in=ids).exclude(status=Status.DELETED)
        for post in stored.defer("html"):
            around.posts_by_message[post.group_id, post.message_id] = post
