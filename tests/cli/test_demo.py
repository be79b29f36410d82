from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from pytest_django import Settings

from moothall.accounts.models import User
from moothall.cli.demo.story import Fate, Reply, Thread, read_story
from moothall.cli.demo_logins import demo_logins
from moothall.core.clock import now
from moothall.discussions.models import Lane, Post, Source, Status, Topic
from moothall.groups.models import Group, Membership, MembershipState, Visibility
from moothall.judging.models import Screening
from moothall.moderation.models import ReviewItem
from tests.world import person

ROOT = Path(__file__).parent.parent.parent


def test_data_is_what_the_outline_and_the_corpus_make() -> None:
    packaged = ROOT / "src" / "moothall" / "cli" / "demo" / "demo.json"
    before = packaged.read_bytes()
    subprocess.run([sys.executable, str(ROOT / "corpus" / "make_demo.py")], check=True)
    assert packaged.read_bytes() == before
    assert len(before) < 1_000_000


def test_every_reply_answers_one_before_it() -> None:
    for group in read_story().groups:
        for thread in group.threads:
            assert all(reply.to < nth for nth, reply in enumerate(thread.replies, start=1)), thread.title


def test_notes_are_signed_by_a_manager_who_did_not_write_the_post() -> None:
    for group in read_story().groups:
        managers = {name.split()[0] for name in (group.owner, *group.moderators)}
        for thread in group.threads:
            posts: list[Thread | Reply] = [thread, *thread.replies]
            moved = [post for post in posts if post.fate == Fate.MOVED]
            assert all(post.note.split()[-1] in managers for post in moved)


@pytest.mark.slow
@pytest.mark.django_db
def test_command_loads_a_living_site_once_and_tells_the_logins(tmp_path: Path, settings: Settings) -> None:
    """Loading takes its time, so all that a loaded demo must be is looked at here."""
    settings.DATA = tmp_path
    said = StringIO()
    call_command("load_demo", stdout=said)
    groups, _, posts, waiting = (int(number) for number in re.findall(r"\d+", said.getvalue()))
    assert groups >= 6
    assert posts == Post.objects.count()
    lives(waiting)

    call_command("load_demo", stdout=StringIO())
    assert Post.objects.count() == posts
    tells_the_logins(tmp_path)


@pytest.mark.slow
@pytest.mark.django_db
def test_demo_whose_logins_can_not_be_kept_is_not_loaded(tmp_path: Path, settings: Settings) -> None:
    settings.DATA = tmp_path / "gone"

    with pytest.raises(OSError, match="gone"):
        call_command("load_demo", stdout=StringIO())

    assert not Post.objects.exists()


def lives(told_waiting: int) -> None:
    assert set(Group.objects.values_list("visibility", flat=True)) == set(Visibility.values)
    assert set(Post.objects.values_list("source", flat=True)) == {Source.DEMO}
    assert Screening.objects.count() == Post.objects.count()
    assert Membership.objects.filter(state=MembershipState.PENDING).exists()
    lanes = Counter(Topic.objects.filter(status=Status.PUBLISHED).values_list("lane", flat=True))
    assert all(lanes[lane] >= 5 for lane in Lane.values)
    waiting = ReviewItem.objects.filter(decision=None, post__status=Status.HELD)
    assert waiting.filter(due_at__gt=now()).count() == told_waiting >= 10
    # Of the last eight weeks, until minutes ago, and nothing in the future.
    moments = list(Post.objects.order_by("created_at").values_list("created_at", flat=True))
    assert now() - timedelta(weeks=8) < moments[0]
    assert now() - timedelta(hours=3) < moments[-1] < now()
    assert all(post.created_at >= post.topic.created_at for post in Post.objects.select_related("topic"))


def tells_the_logins(data: Path) -> None:
    logins = demo_logins()
    assert {login.email.split("@")[0] for login in logins} == {"olga", "mo", "mia", "nils", "sam", "staff"}
    assert json.loads((data / "demo-logins.json").read_text())
    for login in logins:
        assert authenticate(username=login.email, password=login.password) is not None


@pytest.mark.django_db
def test_demo_is_not_loaded_beside_real_accounts() -> None:
    person("Real Person")
    with pytest.raises(CommandError, match="empty site"):
        call_command("load_demo")
    assert User.objects.count() == 1
