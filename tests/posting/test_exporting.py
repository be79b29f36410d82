from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from moothall.accounts.exports import begin_export, remove_expired
from moothall.accounts.models import Export, ExportPart, ExportState
from moothall.core.clock import now
from moothall.discussions.models import Attachment, AttachmentContent, Draft, Post, Status, Thank, Topic
from moothall.discussions.titles import UNTITLED
from moothall.groups.models import Group, Membership
from moothall.members.models import Profile
from moothall.moderation.flagging import flag
from moothall.moderation.models import Action, Decision
from moothall.notifications.models import Attitude, Watch
from moothall.posting.delete import delete
from moothall.posting.exporting import mark_failed, write_export
from tests.queue import work_off
from tests.world import TITLE, build_world, new_reply


def exported(profile: Profile) -> ZipFile:
    assert profile.user is not None
    export = begin_export(profile.user)
    write_export(export.id)
    return ZipFile(BytesIO(b"".join(bytes(part.content) for part in ExportPart.objects.filter(export=export))))


def read(archive: ZipFile, name: str) -> list[dict[str, object]]:
    rows = json.loads(archive.read(name))
    assert isinstance(rows, list)
    return rows


@pytest.mark.django_db
def test_archive_holds_everything_that_is_theirs_and_nothing_of_others() -> None:
    world = build_world()
    Draft.objects.create(author=world.mia, group=world.group, text="Begun \u202e \U0001f41d")
    Thank.objects.create(post=world.reply, profile=world.mia)
    flag(world.reply.id, world.mia.id, 1)
    plan = Attachment.objects.create(
        post=world.first, name="../the plan.PDF", content_type="application/pdf", size_bytes=4, is_kept=True
    )
    AttachmentContent.objects.create(attachment=plan, data=b"%PDF")
    gone = new_reply(world.topic, world.mia, "Said too much")
    Post.objects.filter(id=gone.id).update(status=Status.DELETED, deleted_at=now())
    archive = exported(world.mia)
    assert [row["id"] for row in read(archive, "posts.json")] == [world.first.id, gone.id]
    assert read(archive, "drafts.json")[0]["text"] == "Begun \u202e \U0001f41d"
    assert [row["post_id"] for row in read(archive, "thanks.json")] == [world.reply.id]
    assert [row["group"] for row in read(archive, "memberships.json")] == ["old-houses"]
    assert read(archive, "profile.json")[0]["name"] == "Mia Moss"
    assert read(archive, "account.json")[0]["email"] == "mia.moss@moothall.example"
    assert read(archive, "memberships.json")[0]["mail"] == {
        "discussions": "weekly", "promotions": "none", "jobs": "none", "keeping": "daily"
    }  # fmt: skip
    assert [(row["concern"], row["rule__number"]) for row in read(archive, "flags.json")] == [("topic", 1)]
    assert archive.read(f"attachments/{world.first.id}-{plan.id}-the-plan.pdf") == b"%PDF"
    assert read(archive, "sessions.json") == []
    markdown = [name for name in archive.namelist() if name.startswith("posts/")]
    assert len(markdown) == 2
    assert "Is a **spliced** length" in archive.read(markdown[0]).decode()
    assert not any(b"if the plinth" in archive.read(name) for name in archive.namelist())


@pytest.mark.django_db
def test_archive_tells_whom_and_what_one_follows_or_mutes() -> None:
    world = build_world()
    Watch.objects.create(profile=world.nils, topic=world.topic, attitude=Attitude.FOLLOW)
    Watch.objects.create(profile=world.nils, person=world.mo, attitude=Attitude.MUTE)
    Watch.objects.create(profile=world.mo, person=world.nils, attitude=Attitude.FOLLOW)
    told = [
        (row["attitude"], row["topic_id"], row["title"], row["person__handle"])
        for row in read(exported(world.nils), "watches.json")
    ]
    assert told == [("follow", world.topic.id, world.topic.title, None), ("mute", None, "", "mo-marsh")]
    Membership.objects.filter(profile=world.nils).delete()
    assert [row["title"] for row in read(exported(world.nils), "watches.json")] == ["", ""]


def said_of(archive: ZipFile, words: str) -> bool:
    return any(
        words in name or words.replace("-", " ") in archive.read(name).decode().lower() for name in archive.namelist()
    )


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["left", "banned", "closed", "held", "deleted"])
def test_title_of_somebody_else_that_may_not_be_read_now_is_not_in_the_archive(how: str) -> None:
    world = build_world()
    answer = new_reply(world.topic, world.nils, "Splice it")
    Thank.objects.create(post=world.first, profile=world.nils)
    assert said_of(exported(world.nils), "sole-plate-gone")
    if how in ("left", "banned"):
        Membership.objects.filter(profile=world.nils).update(state=how)
    elif how == "closed":
        Group.objects.update(closed_at=now())
    else:
        Topic.objects.filter(id=world.topic.id).update(status=how)
    archive = exported(world.nils)
    assert not said_of(archive, "sole-plate-gone")
    assert {row["id"]: row["text"] for row in read(archive, "posts.json")}[answer.id] == "Splice it"
    assert [row["post_id"] for row in read(archive, "thanks.json")] == [world.first.id]


@pytest.mark.django_db
def test_ones_own_title_is_in_the_archive_also_where_the_conversation_goes_on_without_it() -> None:
    world = build_world()
    Post.objects.filter(id=world.first.id).update(status=Status.HELD)
    Topic.objects.filter(id=world.topic.id).update(status=Status.HELD)
    Decision.objects.create(
        post=world.first, group=world.group, action=Action.HOLD, lane=world.first.lane, is_machine=True,
        status_before=Status.PUBLISHED,
    )  # fmt: skip
    delete(world.first.id, world.mia.id)
    world.topic.refresh_from_db()
    assert world.topic.title == UNTITLED
    assert read(exported(world.mia), "posts.json")[0]["title"] == TITLE


@pytest.mark.slow
@pytest.mark.django_db
def test_ten_thousand_posts_are_packed_with_progress() -> None:
    world = build_world()
    Post.objects.bulk_create(
        Post(group=world.group, topic=world.topic, author=world.mia, status=Status.PUBLISHED, text=f"Answer {n} " * 40)
        for n in range(10_000)
    )
    archive = exported(world.mia)
    assert len(read(archive, "posts.json")) == 10_001
    export = Export.objects.get()
    assert (export.done_count, export.total_count) == (10_001, 10_001)
    assert export.state == ExportState.READY


@pytest.mark.django_db(transaction=True)
def test_worker_makes_the_file_that_the_page_promised(client: Client) -> None:
    world = build_world()
    assert world.mia.user is not None
    client.force_login(world.mia.user)
    client.post("/account/export/")
    assert "We are packing" in client.get("/account/export/").content.decode()
    client.post("/account/export/")
    assert ProcrastinateJob.objects.filter(task_name="export_account").count() == 1
    work_off()
    assert "Fetch the file" in client.get("/account/export/").content.decode()
    fetched = client.get("/account/export/download/")
    archive = ZipFile(BytesIO(fetched.getvalue()))
    assert len(read(archive, "posts.json")) == 1
    assert fetched["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
def test_nobody_else_can_fetch_the_file(client: Client) -> None:
    world = build_world()
    exported(world.mia)
    assert world.mo.user is not None
    client.force_login(world.mo.user)
    assert client.get("/account/export/download/").status_code == 404
    assert Client().get("/account/export/download/").status_code == 302


@pytest.mark.django_db
def test_file_is_gone_after_seven_days(client: Client) -> None:
    world = build_world()
    exported(world.mia)
    Export.objects.update(expires_at=now() - timedelta(seconds=1))
    assert world.mia.user is not None
    client.force_login(world.mia.user)
    assert client.get("/account/export/download/").status_code == 404
    assert "Make the file" in client.get("/account/export/").content.decode()
    assert remove_expired() == 1
    assert not ExportPart.objects.exists()


@pytest.mark.django_db
def test_page_says_so_when_it_did_not_work(client: Client) -> None:
    world = build_world()
    assert world.mia.user is not None
    export = begin_export(world.mia.user)
    mark_failed(export.id)
    client.force_login(world.mia.user)
    assert "That did not work" in client.get("/account/export/").content.decode()
