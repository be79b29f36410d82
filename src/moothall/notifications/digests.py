"""Building digests: a row for each member and window that has something for them. Building twice changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from moothall.accounts.models import User
from moothall.discussions.models import Lane, Post, Status, Topic
from moothall.groups.models import Group, Membership
from moothall.mailer.queueing import Waiting, queue, queued
from moothall.members.models import Profile
from moothall.notifications.choosing import Candidate, Reader, choose
from moothall.notifications.interests import known, words
from moothall.notifications.models import Attitude, Digest, Watch
from moothall.notifications.presence import here_among, last_wrote
from moothall.notifications.quiet import due_at, zone_of
from moothall.notifications.windows import Window, due_windows

MEMBERS_AT_ONCE = 500
# The best of a busy week; nobody's 15 come from further down.
MOST_CANDIDATES = 300
ABSENT_DAYS = 180


@dataclass(frozen=True, slots=True)
class Round:
    """One group's window for the members of one time zone: `usual`, which is `due` and what was missed before, or one
    that begins where their last digest ended in another zone."""

    group: Group
    window: Window
    usual: Window
    due: Window
    zone: str
    candidates: tuple[Candidate, ...]


def build_due(at: datetime) -> Iterator[int]:
    """Batch by batch, so that what one has built can be sent while the next is built; yields how many members have
    something new waiting for them."""
    zones = User.objects.order_by().values_list("time_zone", flat=True).distinct()
    found: dict[tuple[Group, Window], tuple[Candidate, ...]] = {}
    for zone in zones:
        for due in due_windows(at, zone_of(zone)):
            usual = _reaching_back(due, zone)
            for window in (usual, *_of_travellers(due, zone)):
                for group in _groups_with_news(window):
                    if (group, window) not in found:
                        found[group, window] = candidates(group, window)
                    yield from _build(Round(group, window, usual, due, zone, found[group, window]), at)
            yield _queue_together(due, zone, at)


def _reaching_back(due: Window, zone: str) -> Window:
    """A machine that sleeps over the end of a window builds the next one with what is in neither."""
    there = Digest.objects.filter(every=due.every, profile__user__time_zone=zone)
    if there.filter(until=due.since).exists():
        return due
    built_until = there.filter(until__lt=due.since).aggregate(last=Max("until"))["last"]
    return due if built_until is None else due.reaching_back(built_until)


def _of_travellers(due: Window, zone: str) -> list[Window]:
    there = _ended_elsewhere(due).filter(profile__user__time_zone=zone).order_by("until")
    return [replace(due, since=until) for until in there.values_list("until", flat=True).distinct()]


def _ended_elsewhere(due: Window) -> QuerySet[Digest]:
    """Digests that ended at an hour of another time zone, within this window or the one before it."""
    before = due.since - (due.until - due.since)
    ended = Digest.objects.filter(every=due.every, until__gt=before, until__lt=due.until)
    return ended.exclude(until=due.since)


def _queue_together(window: Window, zone: str, at: datetime) -> int:
    """Once every group's window is built, for those who want one mail for all of them."""
    built = Digest.objects.filter(
        every=window.every, until=window.until, profile__user__time_zone=zone, profile__user__mail_is_together=True
    )
    pairs = {(profile, thing_of(window, group)) for profile, group in built.values_list("profile_id", "group_id")}
    # Whoever chose so a moment ago may have had all of it from each group.
    wanted = {profile for profile, _ in pairs - queued(pairs)}
    profiles = Profile.objects.filter(id__in=wanted).select_related("user")
    waiting = [
        Waiting(profile.id, _thing_of_all(window), due_at(profile.user, at), profile.user.email)
        for profile in profiles
        if profile.user is not None
    ]
    queue(waiting)
    return len(waiting)


def thing_of(window: Window, group_id: int) -> str:
    """The day names the window: somebody who travels into another time zone gets one for each day all the same."""
    return f"digest:{group_id}:{_named(window)}"


def _thing_of_all(window: Window) -> str:
    return f"digests:{_named(window)}"


def _named(window: Window) -> str:
    return f"{window.every}:{window.until:%Y-%m-%d}"


def _build(round_: Round, at: datetime) -> Iterator[int]:
    if not round_.candidates:
        return
    members = _members(round_)
    while some := list(islice(members, MEMBERS_AT_ONCE)):
        if round_.window != round_.usual:
            some = _without_mail_of_that_day(some, round_)
        yield _build_for(some, round_, at)


def _without_mail_of_that_day(members: Sequence[Membership], round_: Round) -> list[Membership]:
    """Further west the day ends once more; what came in between waits for the next day's digest."""
    of_group, of_all = thing_of(round_.window, round_.group.id), _thing_of_all(round_.window)
    had = queued((member.profile_id, thing) for member in members for thing in (of_group, of_all))
    return [
        member
        for member in members
        if member.profile.user is not None
        and (member.profile_id, of_all if member.profile.user.mail_is_together else of_group) not in had
    ]


@transaction.atomic
def _build_for(members: Sequence[Membership], round_: Round, at: datetime) -> int:
    window, group = round_.window, round_.group
    watches = _watches([member.profile_id for member in members])
    told = _told(round_, [member.profile_id for member in members])
    users = {member.profile.user.id for member in members if member.profile.user is not None}
    here = here_among(users, at - timedelta(days=ABSENT_DAYS))
    wrote = last_wrote(users - here)
    digests, waiting = [], []
    for member in members:
        user = member.profile.user
        if user is None:
            continue
        if user.id not in here:
            absence = absence_of(user, wrote.get(user.id))
            waiting.append(Waiting(member.profile_id, absence, due_at(user, at), user.email))
            continue
        chosen = choose(round_.candidates, _reader(member, window, watches, told))
        if chosen.topics:
            digests.append(
                Digest(
                    profile_id=member.profile_id,
                    group=group,
                    every=window.every,
                    since=window.since,
                    until=window.until,
                    named_on=window.until.date(),
                    topics=list(chosen.topics),
                    asked=list(chosen.asked),
                )
            )
            if not user.mail_is_together:
                waiting.append(Waiting(member.profile_id, thing_of(window, group.id), due_at(user, at), user.email))
    Digest.objects.bulk_create(digests, ignore_conflicts=True)
    queue(waiting)
    return len(waiting)


def absence_of(user: User, wrote_at: datetime | None) -> str:
    """One notice an absence, whatever the number of groups."""
    since = user.last_login or user.joined_at
    return f"absence:{max(since, wrote_at or since):%Y-%m-%d}"


def candidates(group: Group, window: Window) -> tuple[Candidate, ...]:
    """Conversations with something mailable that is new in the window, the best first."""
    topics = list(_topics(group, window)[:MOST_CANDIDATES])
    firsts = dict(
        Post.objects.filter(topic__in=topics, is_first=True, status=Status.PUBLISHED).values_list("topic_id", "text")
    )
    in_time = set(_written_in(window).filter(topic__in=topics).values_list("topic_id", flat=True))
    return tuple(
        Candidate(
            topic_id=topic.id,
            author_id=topic.author_id,
            lane=topic.lane_value,
            said=words(f"{topic.title} {firsts.get(topic.id, '')}"),
            is_waiting=topic.is_unanswered,
            worth=(topic.people_count, topic.thanked_count, topic.id),
            is_late=topic.id not in in_time,
        )
        for topic in topics
    )


def _new_posts(window: Window) -> QuerySet[Post]:
    return Post.objects.mailable().filter(inbox_at__gt=window.since, inbox_at__lte=window.until)


def _written_in(window: Window) -> QuerySet[Post]:
    """Of these, what says something new; a reply does so whenever it may be mailed."""
    return _new_posts(window).filter(Q(created_at__gt=window.since) | Q(is_first=False)).order_by()


def _topics(group: Group, window: Window) -> QuerySet[Topic]:
    new = _new_posts(window).filter(topic=OuterRef("pk"))
    topics = Topic.objects.filter(Exists(new), group=group, status=Status.PUBLISHED)
    return topics.order_by("-people_count", "-thanked_count", "-id")


def _groups_with_news(window: Window) -> list[Group]:
    ids = _new_posts(window).order_by().values_list("group_id", flat=True).distinct()
    return list(Group.objects.filter(id__in=list(ids)))


def _members(round_: Round) -> Iterator[Membership]:
    """Those who asked for this pace in some lane, for whom this window is the next one and who have not had it yet."""
    every, until = round_.window.every, round_.window.until
    had = Digest.objects.filter(profile=OuterRef("profile"), group=round_.group, every=every, until__gte=until)
    of_group = Q(group=round_.group) | Q(profile__user__mail_is_together=True)
    ended = _ended_elsewhere(round_.due).filter(of_group, profile=OuterRef("profile")).order_by("-until")
    begins_at = Coalesce(Subquery(ended.values("until")[:1]), Value(round_.usual.since))
    asked = Q(mail_discussions=every) | Q(mail_promotions=every) | Q(mail_jobs=every)
    return (
        Membership.objects.active()
        .alias(begins_at=begins_at)
        .filter(
            asked,
            ~Exists(had),
            group=round_.group,
            begins_at=round_.window.since,
            joined_at__lt=until,
            profile__user__time_zone=round_.zone,
            profile__user__is_active=True,
        )
        .select_related("profile__user")
        .order_by("id")
        .iterator(chunk_size=MEMBERS_AT_ONCE)
    )


def _watches(profiles: Sequence[int]) -> Mapping[int, list[Watch]]:
    found: defaultdict[int, list[Watch]] = defaultdict(list)
    mute, follow = Q(attitude=Attitude.MUTE), Q(attitude=Attitude.FOLLOW, topic__isnull=False)
    for watch in Watch.objects.filter(mute | follow, profile__in=profiles):
        found[watch.profile_id].append(watch)
    return found


def _told(round_: Round, profiles: Sequence[int]) -> Mapping[int, set[int]]:
    """Which conversations that are late each member has had in a digest."""
    late = [candidate.topic_id for candidate in round_.candidates if candidate.is_late]
    found: defaultdict[int, set[int]] = defaultdict(set)
    if late:
        digests = Digest.objects.filter(profile__in=profiles, group=round_.group, topics__overlap=late)
        for profile_id, topics in digests.values_list("profile_id", "topics"):
            found[profile_id].update(topics)
    return found


def _reader(
    member: Membership, window: Window, watches: Mapping[int, list[Watch]], told: Mapping[int, set[int]]
) -> Reader:
    own = watches.get(member.profile_id, [])
    return Reader(
        profile_id=member.profile_id,
        knows=known(member.profile.knows),
        lanes=frozenset(lane for lane in Lane if member.mail_of(lane) == window.every),
        # What is followed has come at once, so it is left out as what is muted is.
        muted_topics=frozenset(watch.topic_id for watch in own if watch.topic_id is not None),
        muted_people=frozenset(watch.person_id for watch in own if watch.person_id is not None),
        told_topics=frozenset(told.get(member.profile_id, ())),
    )
