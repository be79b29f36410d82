"""Digests: chosen, built once for each window, sent once, and asked anew at the moment of sending."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from moothall.accounts.deletion import ask_for_deletion
from moothall.accounts.models import PostsAfterwards, User
from moothall.core.clock import now
from moothall.core.mail_html import html_to_text
from moothall.discussions.models import Inbox, Kind, Lane, Post, Source, Status, Topic
from moothall.groups.models import MailChoice, Membership, MembershipState
from moothall.inbound.understand import ANSWERS_DIGEST, understand
from moothall.mailer.models import OutboundMessage, SendingState
from moothall.mailer.sending import send_due
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide, undo
from moothall.moderation.flagging import flag, withdraw
from moothall.moderation.models import Action
from moothall.notifications.choosing import MOST, Candidate, Reader, choose
from moothall.notifications.digests import ABSENT_DAYS, build_due
from moothall.notifications.interests import words
from moothall.notifications.models import Attitude, Digest
from moothall.notifications.preparing import prepare
from moothall.notifications.watching import watch_person, watch_topic
from moothall.notifications.windows import due_windows
from tests.inbound.mails import mail
from tests.smtp_sink import Received, Sink
from tests.world import World, join, new_reply, new_topic, person

FRIDAY = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)

lanes = st.sampled_from(Lane)
some_words = st.frozensets(st.sampled_from(["lime", "plaster", "oak", "brick"]), min_size=1)
candidate_lists = st.lists(
    st.builds(
        Candidate,
        topic_id=st.integers(1, 60),
        author_id=st.integers(1, 9),
        lane=lanes,
        said=some_words,
        is_waiting=st.booleans(),
        worth=st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9)),
    ),
    max_size=60,
    unique_by=lambda candidate: candidate.topic_id,
)
readers = st.builds(
    Reader,
    profile_id=st.integers(1, 9),
    knows=st.lists(some_words, max_size=3).map(tuple),
    lanes=st.frozensets(lanes),
    muted_topics=st.frozensets(st.integers(1, 60), max_size=9),
    muted_people=st.frozensets(st.integers(1, 9), max_size=3),
)


@given(candidates=candidate_lists, reader=readers)
def test_a_digest_is_short_and_holds_nothing_twice_nor_unasked_nor_muted(
    candidates: list[Candidate], reader: Reader
) -> None:
    chosen = choose(candidates, reader)
    by_id = {candidate.topic_id: candidate for candidate in candidates}
    assert len(chosen.topics) <= MOST
    assert len(set(chosen.topics)) == len(chosen.topics)
    assert chosen.topics[: len(chosen.asked)] == chosen.asked
    for topic in chosen.topics:
        assert by_id[topic].lane in reader.lanes
        assert topic not in reader.muted_topics
        assert by_id[topic].author_id not in reader.muted_people


@given(at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_windows_follow_each_other_without_gap_or_overlap(at: datetime) -> None:
    zone = ZoneInfo("Europe/London")
    daily = due_windows(at, zone)[0]
    next_daily = due_windows(daily.until + timedelta(days=1), zone)[0]
    assert daily.until <= at < daily.until + timedelta(hours=25)
    assert next_daily.since.astimezone(UTC) == daily.until.astimezone(UTC)
    assert all(window.until.weekday() == 4 for window in due_windows(at, zone)[1:])


def test_words_ignore_case_accents_and_plurals() -> None:
    assert words("Façades & Lime PLASTERS") == {"facade", "lime", "plaster"}


@pytest.fixture
def week(world: World) -> World:
    """Everything in the world was written on the Wednesday before FRIDAY."""
    at = FRIDAY - timedelta(days=2)
    Post.objects.update(created_at=at, inbox_at=at)
    Topic.objects.update(created_at=at, people_count=2)
    User.objects.update(time_zone="UTC", joined_at=FRIDAY - timedelta(days=90), last_login=FRIDAY)
    Membership.objects.update(joined_at=FRIDAY - timedelta(days=60))
    return world


def opened(
    week: World, title: str, author: Profile, kind: Kind = Kind.DISCUSSION, lane: Lane = Lane.DISCUSSIONS
) -> Post:
    post = new_topic(week.group, author, title, kind=kind, lane=lane)
    at = FRIDAY - timedelta(days=1)
    Post.objects.filter(id=post.id).update(inbox=Inbox.OPEN, created_at=at, inbox_at=at)
    waits = kind.waits_for_an_answer
    Topic.objects.filter(id=post.topic_id).update(created_at=at, is_unanswered=waits)
    return post


def mailed(week: World, sink: Sink, profile: Profile) -> list[Received]:
    sum(build_due(FRIDAY))
    OutboundMessage.objects.update(due_at=now())
    send_due(prepare)
    assert profile.user is not None
    return sink.to(profile.user.email)


@pytest.mark.django_db
def test_a_weekly_digest_comes_by_default_and_tells_the_best(week: World, sink: Sink) -> None:
    mail = mailed(week, sink, week.olga)[0]
    assert mail.message["Subject"] == "Old houses, your week: Sole plate gone at the north corner"
    assert "Sole plate gone at the north corner" in mail.part("plain")
    assert "Best price damp proofing" not in mail.raw.decode()
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.django_db
def test_building_and_sending_twice_sends_once(week: World, sink: Sink) -> None:
    mailed(week, sink, week.olga)
    assert len(mailed(week, sink, week.olga)) == 1
    assert Digest.objects.filter(profile=week.olga).count() == 1


@pytest.mark.django_db
def test_a_window_without_talk_sends_nothing(week: World, sink: Sink) -> None:
    Post.objects.update(inbox_at=FRIDAY - timedelta(days=30))
    assert mailed(week, sink, week.olga) == []
    assert Digest.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("every", "days_asleep"), [(MailChoice.DAILY, 2), (MailChoice.WEEKLY, 14)])
def test_what_was_written_before_the_machine_slept_through_a_window_is_told_in_the_next(
    every: MailChoice, days_asleep: int, week: World
) -> None:
    """As after a suspended laptop, a power cut over a weekend, or a clock that jumps ahead."""
    Membership.objects.update(mail_discussions=every)
    asleep_at = FRIDAY - timedelta(days=days_asleep)
    Post.objects.update(inbox_at=asleep_at - timedelta(hours=1))
    list(build_due(asleep_at))
    late = new_reply(week.topic, week.mia, "It held. Thank you all.")
    Post.objects.filter(id=late.id).update(inbox=Inbox.OPEN, inbox_at=asleep_at + timedelta(hours=1))

    list(build_due(FRIDAY))

    told = Digest.objects.filter(profile=week.olga).order_by("until").values_list("topics", flat=True)
    assert list(told) == [[week.topic.id], [week.topic.id]]


@pytest.mark.django_db
def test_what_was_written_before_and_may_be_mailed_only_now_is_told_without_counting_nobody(
    week: World, sink: Sink
) -> None:
    Post.objects.update(created_at=FRIDAY - timedelta(days=12))
    mail = mailed(week, sink, week.olga)[0]
    for kind in ("plain", "html"):
        assert "Sole plate gone" in mail.part(kind)
        assert "talked in" not in mail.part(kind)


@pytest.mark.django_db
def test_it_counts_where_people_talked_and_what_of_that_is_new(week: World, sink: Sink) -> None:
    Post.objects.filter(id=week.first.id).update(created_at=FRIDAY - timedelta(days=12))
    opened(week, "Limewash over gypsum skims?", week.mia, Kind.QUESTION)
    mail = mailed(week, sink, week.olga)[0]
    for kind in ("plain", "html"):
        assert "2 people talked in 2 conversations, 1 of them new." in mail.part(kind)


@pytest.mark.django_db
def test_it_calls_conversations_new_that_all_are(week: World, sink: Sink) -> None:
    assert "2 people talked in 1 new conversation." in mailed(week, sink, week.olga)[0].part("plain")


@pytest.mark.django_db
def test_whoever_knows_is_asked_first(week: World, sink: Sink) -> None:
    opened(week, "Limewash over gypsum skims?", week.mia, Kind.QUESTION)
    Profile.objects.filter(id=week.olga.id).update(knows=["gypsum skim"])
    plain = mailed(week, sink, week.olga)[0].part("plain")
    assert plain.index("SOMEONE ASKS FOR WHAT YOU KNOW") < plain.index("Limewash over gypsum skims?")
    assert "One asks for what you know." in plain


@pytest.mark.django_db
def test_an_answer_to_it_is_known_as_one(week: World, sink: Sink) -> None:
    got = mailed(week, sink, week.olga)[0].message
    answer = mail(In_Reply_To=got["Message-ID"], Subject=f"Re: {got['Subject']}")
    assert understand(answer, None, authentication_host="").reason == ANSWERS_DIGEST


@pytest.mark.django_db
def test_promotions_come_only_to_those_who_asked(week: World, sink: Sink) -> None:
    opened(week, "Lime putty, ten tubs", week.mia, Kind.PROMOTION, Lane.PROMOTIONS)
    Membership.objects.filter(profile=week.mo).update(mail_promotions=MailChoice.WEEKLY)
    plain = mailed(week, sink, week.olga)[0].part("plain")
    assert "Lime putty" not in plain
    assert "1 promotion" in plain
    assert week.mo.user is not None
    assert "Lime putty" in sink.to(week.mo.user.email)[0].part("plain")


@pytest.mark.django_db
def test_one_click_stops_a_digest_of_several_lanes_and_nothing_else(week: World, sink: Sink) -> None:
    mine = Membership.objects.filter(group=week.group, profile=week.olga)
    mine.update(mail_promotions=MailChoice.WEEKLY, mail_jobs=MailChoice.DAILY)
    url = re.findall(r"<https?://[^/]+(/[^>]+)>", mailed(week, sink, week.olga)[0].message["List-Unsubscribe"])[0]

    assert "weekly mail of its discussions, promotions" in Client().get(url).content.decode()
    told = Client(enforce_csrf_checks=True).post(url, {"List-Unsubscribe": "One-Click"}).content.decode()
    assert "sends you no weekly mail now" in told
    lanes = mine.values_list("mail_discussions", "mail_promotions", "mail_jobs").get()
    assert lanes == (MailChoice.NONE, MailChoice.NONE, MailChoice.DAILY)
    assert Membership.objects.get(group=week.group, profile=week.mo).mail_discussions == MailChoice.WEEKLY


@pytest.mark.django_db
def test_what_was_held_since_it_was_built_is_left_out(week: World, sink: Sink) -> None:
    other = opened(week, "Which oak for a lintel", week.mia)
    sum(build_due(FRIDAY))
    Post.objects.filter(id=other.id).update(status=Status.HELD)
    Topic.objects.filter(id=other.topic_id).update(status=Status.HELD)
    assert "Which oak" not in mailed(week, sink, week.olga)[0].raw.decode()


@pytest.mark.django_db
def test_a_digest_of_which_nothing_is_left_is_not_sent(week: World, sink: Sink) -> None:
    sum(build_due(FRIDAY))
    Post.objects.update(inbox=Inbox.SHUT)
    assert mailed(week, sink, week.olga) == []
    assert set(OutboundMessage.objects.values_list("state", flat=True)) == {SendingState.DROPPED}


@pytest.mark.django_db
def test_muted_topics_and_people_are_left_out(week: World, sink: Sink) -> None:
    opened(week, "Which oak for a lintel", week.nils)
    watch_topic(week.olga.id, week.topic.id, Attitude.MUTE)
    watch_person(week.olga.id, week.nils.id, Attitude.MUTE)
    assert mailed(week, sink, week.olga) == []


@pytest.mark.django_db
def test_none_and_leaving_mean_no_digest(week: World, sink: Sink) -> None:
    Membership.objects.filter(profile=week.olga).update(mail_discussions=MailChoice.NONE)
    sum(build_due(FRIDAY))
    Membership.objects.filter(profile=week.nils).update(state=MembershipState.LEFT)
    assert mailed(week, sink, week.olga) == []
    assert week.nils.user is not None
    assert sink.to(week.nils.user.email) == []


@pytest.mark.django_db
def test_whoever_was_not_here_for_long_gets_one_notice_then_nothing(week: World, sink: Sink) -> None:
    long_ago = now() - timedelta(days=ABSENT_DAYS + 20)
    User.objects.filter(profile=week.olga).update(last_login=long_ago, joined_at=long_ago)
    first = mailed(week, sink, week.olga)
    assert [mail.message["Subject"] for mail in first] == ["We stop your digests from Moothall until you are back"]
    assert first[0].message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "You get this once" in first[0].part("plain")
    sum(build_due(FRIDAY + timedelta(days=1)))
    assert len(mailed(week, sink, week.olga)) == 1


@pytest.mark.django_db
def test_whoever_asked_for_their_account_to_be_deleted_is_not_told_that_they_were_away(week: World, sink: Sink) -> None:
    long_ago = now() - timedelta(days=ABSENT_DAYS + 20)
    User.objects.filter(profile=week.olga).update(last_login=long_ago, joined_at=long_ago)
    user = User.objects.get(profile=week.olga)
    UserSession.objects.create(user=user, ip="192.0.2.1", session_key="of-this-morning")
    ask_for_deletion(user, PostsAfterwards.KEEP)
    assert mailed(week, sink, week.olga) == []


@pytest.mark.django_db
def test_whoever_came_back_by_mail_gets_a_notice_of_their_next_absence_too(week: World, sink: Sink) -> None:
    long_ago = now() - timedelta(days=3 * ABSENT_DAYS)
    User.objects.filter(profile=week.mo).update(last_login=long_ago, joined_at=long_ago)
    Post.objects.filter(id=week.reply.id).update(created_at=long_ago)
    assert len(mailed(week, sink, week.mo)) == 1
    wrote_at = now() - timedelta(days=ABSENT_DAYS + 20)
    Post.objects.filter(id=week.reply.id).update(source=Source.MAIL, created_at=wrote_at)
    assert len(mailed(week, sink, week.mo)) == 2
    assert len(mailed(week, sink, week.mo)) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("is_unproved", "is_told"), [(False, True), (True, False)])
def test_whoever_writes_by_mail_alone_is_not_away(week: World, sink: Sink, is_unproved: bool, is_told: bool) -> None:
    long_ago = now() - timedelta(days=ABSENT_DAYS + 20)
    User.objects.filter(profile=week.mo).update(last_login=long_ago, joined_at=long_ago)
    Post.objects.filter(id=week.reply.id).update(source=Source.MAIL, is_unproved=is_unproved)
    subject = mailed(week, sink, week.mo)[0].message["Subject"]
    assert subject.startswith("Old houses, your week") == is_told


@pytest.mark.django_db
def test_nothing_comes_before_the_day_on_which_a_pause_ends(week: World, sink: Sink) -> None:
    today = now().astimezone(ZoneInfo("UTC")).date()
    User.objects.filter(profile=week.olga).update(mail_paused_until=today + timedelta(days=1))
    User.objects.filter(profile=week.nils).update(mail_paused_until=today)
    assert mailed(week, sink, week.olga) == []
    assert OutboundMessage.objects.get(profile_id=week.olga.id).why == "All mail is paused."
    assert week.nils.user is not None
    assert len(sink.to(week.nils.user.email)) == 1


@pytest.mark.django_db
def test_a_digest_waits_for_the_end_of_quiet_hours_on_its_readers_own_clock(week: World) -> None:
    User.objects.filter(profile=week.olga).update(time_zone="Pacific/Auckland", mail_quiet_from=22, mail_quiet_until=9)
    auckland = ZoneInfo("Pacific/Auckland")
    sum(build_due(datetime(2026, 11, 20, 7, 30, tzinfo=auckland)))
    due = OutboundMessage.objects.get(profile_id=week.olga.id).due_at.astimezone(auckland)
    assert (due.day, due.hour, due.minute) == (20, 9, 0)


@pytest.mark.django_db
def test_both_parts_have_the_same_content(week: World, sink: Sink) -> None:
    opened(week, "Limewash over gypsum skims?", week.mia, Kind.QUESTION)
    opened(week, "Lime putty, ten tubs", week.mia, Kind.PROMOTION, Lane.PROMOTIONS)
    Profile.objects.filter(id=week.olga.id).update(knows=["gypsum"])
    mail = mailed(week, sink, week.olga)[0]
    plain, html = (_bag(text) for text in (mail.part("plain"), html_to_text(mail.part("html"))))
    only_links = {"http", "localhost", "groups", "mail", "stop", "topics", "account", "reply", "old", "houses"}
    assert plain - html <= only_links | {"managers"}
    assert html - plain <= only_links | {"questions", "reach", "the", "look", "at", "them"}


def _bag(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", re.sub(r"https?://\S+|\S+@\S+", " ", text).lower()))


@pytest.mark.django_db
def test_fifty_digests_take_no_more_queries_than_five(week: World) -> None:
    for number in range(5):
        join(week.group, person(f"Reader {number}"), days=30)
    User.objects.update(time_zone="UTC", last_login=now())
    sum(build_due(FRIDAY))
    few = _queries()
    for number in range(5, 50):
        join(week.group, person(f"Reader {number}"), days=30)
    User.objects.update(time_zone="UTC", last_login=now())
    Membership.objects.update(joined_at=FRIDAY - timedelta(days=30))
    sum(build_due(FRIDAY))
    assert OutboundMessage.objects.count() > 50
    assert _queries() <= few


def _queries() -> int:
    with CaptureQueriesContext(connection) as queries:
        prepare(list(OutboundMessage.objects.all()))
    return len(queries)


@pytest.mark.django_db
def test_a_followed_conversation_came_at_once_and_is_not_told_again(week: World, sink: Sink) -> None:
    opened(week, "Limewash over gypsum skims?", week.mia, Kind.QUESTION)
    watch_topic(week.olga.id, week.topic.id, Attitude.FOLLOW)
    said = mailed(week, sink, week.olga)[0].part("plain")
    assert "Limewash over gypsum" in said
    assert "Sole plate" not in said


def next_weekly() -> datetime:
    """Half an hour after the end of the weekly window in which we are."""
    days = (now() + timedelta(days=number) for number in range(9))
    windows = (window for day in days for window in due_windows(day, ZoneInfo("UTC"))[1:])
    return next(window.until for window in windows if window.until >= now()) + timedelta(minutes=30)


def mailed_next(week: World, sink: Sink, profile: Profile) -> str:
    """The plain part of the digest of the window in which we are; "" where there is none."""
    assert profile.user is not None
    before = len(sink.to(profile.user.email))
    sum(build_due(next_weekly()))
    OutboundMessage.objects.update(due_at=now())
    send_due(prepare)
    return "".join(mail.part("plain") for mail in sink.to(profile.user.email)[before:])


@pytest.mark.django_db
def test_what_a_manager_moves_out_of_promotions_is_told_though_its_week_is_over(week: World, sink: Sink) -> None:
    offered = opened(week, "Old bricks, free to whoever fetches them", week.mia, Kind.PROMOTION, Lane.PROMOTIONS)
    assert "Old bricks" not in mailed(week, sink, week.olga)[0].part("plain")
    decide(offered.id, Choice(Action.REROUTE, Lane.DISCUSSIONS), week.mo.id)
    assert "Old bricks" in mailed_next(week, sink, week.olga)


@pytest.mark.django_db
@pytest.mark.parametrize("cleared_by", ["manager", "whoever flagged it"])
def test_what_a_flag_kept_out_of_its_week_is_told_once_it_is_cleared(week: World, sink: Sink, cleared_by: str) -> None:
    lintel = opened(week, "Which oak for a lintel", week.nils)
    flag(lintel.id, week.mia.id, None)
    assert "Which oak" not in mailed(week, sink, week.olga)[0].part("plain")
    if cleared_by == "manager":
        decide(lintel.id, Choice(Action.ACCEPT), week.mo.id)
    else:
        withdraw(lintel.id, week.mia.id)
    assert "Which oak" in mailed_next(week, sink, week.olga)


@pytest.mark.django_db
def test_what_was_told_before_it_was_moved_and_moved_back_is_not_told_again(week: World, sink: Sink) -> None:
    lintel = opened(week, "Which oak for a lintel", week.nils)
    assert "Which oak" in mailed(week, sink, week.olga)[0].part("plain")
    moved = decide(lintel.id, Choice(Action.REROUTE, Lane.PROMOTIONS), week.mo.id)
    undo(moved.id, week.mo.id)
    assert mailed_next(week, sink, week.olga) == ""


@pytest.mark.django_db
def test_what_was_flagged_between_building_and_sending_is_told_once_it_is_cleared(week: World, sink: Sink) -> None:
    lintel = opened(week, "Which oak for a lintel", week.nils)
    sum(build_due(FRIDAY))
    flag(lintel.id, week.mia.id, None)
    assert "Which oak" not in mailed(week, sink, week.olga)[0].part("plain")
    decide(lintel.id, Choice(Action.ACCEPT), week.mo.id)
    assert "Which oak" in mailed_next(week, sink, week.olga)
