"""An archive through the door: every message accounted for, twice without harm."""

from __future__ import annotations

import bz2
import gzip
import json
import multiprocessing
import os
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from io import StringIO
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from moothall.core.mbox import iterate_mbox
from moothall.discussions.models import Attachment, Lane, Post, Status, Topic
from moothall.groups.models import Group, Membership, Role
from moothall.judging.judge import ARCHIVE_TOLD_FROM
from moothall.judging.models import Screening
from moothall.members.models import Profile, ProfileState
from moothall.moderation.decide import Choice, decide, undo
from moothall.moderation.models import Action
from moothall.moderation.policy import DOUBTFUL_FROM
from moothall.posting.delete import delete
from moothall.posting.importing import CUT_SHORT, SET_ASIDE, Import
from tests.posting.test_submit import PITCH
from tests.world import join, new_group, person

pytestmark = pytest.mark.django_db

START = datetime(2009, 3, 2, 9, 30, tzinfo=UTC)


def a_mail(
    number: int, subject: str, text: str, *, answers: str = "", sender: str = "Wilf <wilf@oak.example>"
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "houses@lists.example", subject
    mail["Date"] = format_datetime(START + timedelta(hours=number))
    mail["Message-ID"] = f"<{number}@oak.example>"
    if answers:
        mail["In-Reply-To"] = mail["References"] = f"<{answers}@oak.example>"
    mail.set_content(text)
    return mail


def the_archive() -> list[EmailMessage]:
    with_plan = a_mail(4, "Re: Sole plate", "The plan is attached.\n", answers="1")
    with_plan.add_attachment(
        b"%PDF-1.4 plan", maintype="application", subtype="pdf", filename="plan 01473 555 0123.pdf"
    )
    only_html = a_mail(5, "Limewash over gypsum?", "-")
    only_html.set_content("<p>Is <b>limewash</b> over gypsum safe?</p>", subtype="html")
    return [
        a_mail(1, "Sole plate", "Splice it or replace it? The post above it is sound.\n"),
        a_mail(2, "Re: Sole plate", "Splice it.\n\n> Splice it or replace it?\n\n-- \nRuth\n", answers="1",
               sender="Ruth Thackwray <ruth at barn.example>"),
        a_mail(1, "Sole plate", "Splice it or replace it? The post above it is sound.\n"),
        with_plan,
        only_html,
        a_mail(6, "Nothing", "\n"),
        a_mail(8, "Re: Cellar steps", "Brick on edge lasts.\n", answers="7"),
        a_mail(7, "Cellar steps", "What do you tread them with?\n"),
        a_mail(9, "CHEAP DAMP PROOFING", PITCH, sender="Gareth <gareth@damp-firm.example>"),
    ]  # fmt: skip


def write_mbox(path: Path, mails: list[EmailMessage]) -> Path:
    data = b"".join(b"From wilf@oak.example Mon Mar  2 09:30:00 2009\n" + bytes(m) + b"\n" for m in mails)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.fixture
def group() -> Group:
    return new_group("list")


def run(path: Path, group: Group) -> dict[str, object]:
    out = StringIO()
    call_command("import_mbox", str(path), group=group.slug, json=True, stdout=out)
    report: dict[str, object] = json.loads(out.getvalue())
    return report


@pytest.mark.parametrize("name", ["list.mbox", "list.mbox.gz"])
def test_every_message_is_imported_or_skipped_and_said_why(tmp_path: Path, group: Group, name: str) -> None:
    report = run(write_mbox(tmp_path / name, the_archive()), group)
    assert (report["messages"], report["imported"]) == (9, 7)
    assert report["skipped"] == {"empty": 1, "sent twice": 1}
    assert (report["topics"], report["members"]) == (4, 3)
    assert Post.objects.filter(group=group).count() == 7
    assert Screening.objects.filter(group=group).count() == 7


def test_conversations_quotes_attachments_and_late_roots(tmp_path: Path, group: Group) -> None:
    run(write_mbox(tmp_path / "list.mbox", the_archive()), group)
    plate = Topic.objects.get(group=group, title="Sole plate")
    assert (plate.reply_count, plate.people_count) == (2, 2)
    answer = Post.objects.get(group=group, message_id="2@oak.example")
    assert answer.reply_to is not None
    assert answer.reply_to.message_id == "1@oak.example"
    assert "<details" in answer.html
    assert Attachment.objects.get(post__topic=plate).name == "plan 01473 555 0123.pdf"
    assert "limewash" in Post.objects.get(message_id="5@oak.example").text
    steps = Topic.objects.get(group=group, title="Cellar steps")
    assert list(steps.posts.order_by("created_at").values_list("message_id", flat=True)) == [
        "7@oak.example",
        "8@oak.example",
    ]


def test_an_advert_of_the_archive_goes_to_promotions_and_into_the_report(tmp_path: Path, group: Group) -> None:
    report = run(write_mbox(tmp_path / "list.mbox", the_archive()), group)
    assert Topic.objects.get(group=group, title="CHEAP DAMP PROOFING").lane == Lane.PROMOTIONS
    assert report["adverts"] == 1
    assert report["months"] == {"2009-03": {"posts": 7, "adverts": 1}}


def test_postgresql_knows_afterwards_how_much_there_is(tmp_path: Path, group: Group) -> None:
    run(write_mbox(tmp_path / "list.mbox", the_archive()), group)
    filled = {"discussions_post", "discussions_topic", "groups_membership", "judging_screening", "moderation_decision"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tablename FROM pg_stats WHERE tablename = ANY(%s)", [list(filled)])
        assert {table for (table,) in cursor.fetchall()} == filled


def test_a_second_run_changes_nothing(tmp_path: Path, group: Group) -> None:
    path = write_mbox(tmp_path / "list.mbox", the_archive())
    run(path, group)
    before = set(Post.objects.values_list("id", "topic_id"))
    again = run(path, group)
    assert (again["messages"], again["imported"]) == (9, 0)
    assert again["skipped"] == {"empty": 1, "imported before": 8}
    assert set(Post.objects.values_list("id", "topic_id")) == before


def test_an_interrupted_run_is_taken_up_where_it_stopped(tmp_path: Path, group: Group) -> None:
    path = write_mbox(tmp_path / "list.mbox", the_archive())
    whole = new_group("whole")
    run(path, whole)
    first = Import(group)
    first.take(list(iterate_mbox(path))[:4])
    assert Post.objects.filter(group=group).count() == 3
    rest = run(path, group)
    assert rest["imported"] == 4
    shape = [
        sorted(Topic.objects.filter(group=g).values_list("title", "reply_count", "people_count"))
        for g in (group, whole)
    ]
    assert shape[0] == shape[1]


def test_a_conversation_that_ended_goes_on_with_what_a_later_archive_has_of_it(tmp_path: Path, group: Group) -> None:
    earlier, later = the_archive()[:1], the_archive()[1:2]
    run(write_mbox(tmp_path / "earlier.mbox", earlier), group)
    first = Post.objects.get(group=group)
    delete(first.id, first.author_id)
    report = run(write_mbox(tmp_path / "whole.mbox", earlier + later), group)
    assert (report["imported"], report["not_shown"]) == (1, 0)
    assert list(Post.objects.published().values_list("message_id", flat=True)) == ["2@oak.example"]
    topic = Topic.objects.get(group=group)
    assert (topic.title, topic.status, topic.reply_count) == ("Sole plate", Status.PUBLISHED, 1)


def test_what_answers_a_rejected_conversation_is_kept_with_it_and_counted(tmp_path: Path, group: Group) -> None:
    earlier, later = the_archive()[:1], the_archive()[1:2]
    run(write_mbox(tmp_path / "earlier.mbox", earlier), group)
    olga = person("Olga Oakes")
    join(group, olga, Role.OWNER)
    rejected = decide(Post.objects.get(group=group).id, Choice(Action.REJECT), olga.id)
    report = run(write_mbox(tmp_path / "whole.mbox", earlier + later), group)
    assert (report["imported"], report["not_shown"]) == (1, 1)
    assert not Post.objects.published().exists()
    undo(rejected.id, olga.id)
    assert Post.objects.published().count() == 2


def shape_of(group: Group) -> list[tuple[str, int, int]]:
    return sorted(Topic.objects.filter(group=group).values_list("title", "reply_count", "people_count"))


def test_authors_are_placeholders_whose_address_is_kept_to_be_proved(tmp_path: Path, group: Group) -> None:
    run(write_mbox(tmp_path / "list.mbox", the_archive()), group)
    ruth = Profile.objects.get(name="Ruth Thackwray")
    assert (ruth.state, ruth.claim_address) == (ProfileState.PLACEHOLDER, "ruth@barn.example")
    assert "ruth@" not in ruth.handle
    assert Membership.objects.filter(group=group, profile=ruth).exists()


def test_who_left_neither_name_nor_address_is_called_unknown(tmp_path: Path, group: Group) -> None:
    run(write_mbox(tmp_path / "list.mbox", [a_mail(1, "Sole plate", "Splice it.\n", sender="<>")]), group)
    author = Post.objects.get(group=group).author
    assert author.name == "Unknown sender"
    assert author.claim_address.endswith("@unknown.invalid")


def test_an_unknown_group_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no group"):
        call_command("import_mbox", str(write_mbox(tmp_path / "x.mbox", [])), group="nowhere")
    with pytest.raises(CommandError, match="no file"):
        call_command("import_mbox", str(tmp_path / "none.mbox"), group="nowhere")


def test_a_subject_that_shows_nothing_is_none(tmp_path: Path, group: Group) -> None:
    report = run(write_mbox(tmp_path / "list.mbox", [a_mail(1, "\u200b\u200b", "Splice it.\n")]), group)
    assert report["imported"] == 1
    assert Topic.objects.get(group=group).title == "(no subject)"


def test_a_mail_that_was_deleted_is_left_out_and_its_copy_is_not(tmp_path: Path, group: Group) -> None:
    deleted = a_mail(1, "Sole plate", "Splice it or replace it?\n")
    deleted["X-Mozilla-Status"] = "0009"
    report = run(
        write_mbox(tmp_path / "list.mbox", [deleted, a_mail(1, "Sole plate", "Splice it or replace it?\n")]), group
    )
    assert (report["messages"], report["imported"]) == (2, 1)
    assert report["skipped"] == {SET_ASIDE: 1}


def test_what_a_broken_download_cuts_short_comes_whole_with_the_next(tmp_path: Path, group: Group) -> None:
    whole = write_mbox(tmp_path / "list.mbox.gz", long_archive())
    broken = tmp_path / "broken.mbox.gz"
    broken.write_bytes(whole.read_bytes()[:-200])
    first = run(broken, group)
    assert first["skipped"] == {CUT_SHORT: 1}
    assert run(whole, group)["imported"] == 41 - int(str(first["imported"]))
    assert len(shape_of(group)) == 41


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"Dear diary,\ntoday I sowed peas.\n", "no mail in"),
        (bytes(range(256)) * 100, "no mail in"),
        (bz2.compress(b"From a@b.example"), "bzip2"),
    ],
)
def test_a_file_that_is_no_archive_is_an_error(tmp_path: Path, group: Group, data: bytes, told: str) -> None:
    path = tmp_path / "list.mbox"
    path.write_bytes(data)
    with pytest.raises(CommandError, match=told):
        run(path, group)


def test_a_folder_and_a_name_that_no_file_can_have_are_errors(tmp_path: Path, group: Group) -> None:
    with pytest.raises(CommandError, match="is a folder"):
        run(tmp_path, group)
    with pytest.raises(CommandError, match="can't be read"):
        run(tmp_path / ("x" * 300), group)


def test_a_mail_of_a_megabyte_is_cut_and_said_so(tmp_path: Path, group: Group) -> None:
    report = run(write_mbox(tmp_path / "list.mbox", [a_mail(1, "Log", "a line of a log\n" * 65_000)]), group)
    assert report["troubles"] == {"cut at 256 kB": 1}
    post = Post.objects.get(group=group)
    assert len(post.text) < 263_000
    assert post.text.endswith("the archive has the rest.]")


def long_archive() -> list[EmailMessage]:
    return [a_mail(n, f"Plate {n}", f"Splice number {n} or replace it?\n" * (n % 7 + 1)) for n in range(40)] + [
        a_mail(90, "CHEAP DAMP PROOFING", PITCH, sender="Gareth <gareth@damp-firm.example>")
    ]


def helpers() -> list[BaseProcess]:
    return multiprocessing.active_children()


def in_small_batches(group: Group, cores: int | None = 2) -> Import:
    """So that an archive is long with a few messages."""
    return Import(group, batch=6, cores=cores)


def verdicts(group: Group) -> dict[str, tuple[float, str, object]]:
    rows = Screening.objects.filter(group=group).values_list("post__message_id", "promotion", "kind", "evidence")
    return {message_id: (round(promotion, 9), kind, evidence) for message_id, promotion, kind, evidence in rows}


def test_a_long_archive_is_read_by_two_processes_with_the_same_outcome(tmp_path: Path, group: Group) -> None:
    path = write_mbox(tmp_path / "list.mbox", long_archive())
    alone = Import(new_group("alone"))
    Group.objects.filter(pk=alone.group.pk).update(name=group.name)  # what a group is called is read, too
    alone.take(list(iterate_mbox(path)))
    together = in_small_batches(group)
    counts = [len(helpers()) for _ in together.run(iterate_mbox(path))]
    assert counts[0] == 0
    assert max(counts) == 1
    assert not helpers()
    assert verdicts(group) == verdicts(alone.group)
    assert len(verdicts(group)) == 41
    assert together.report.adverts == alone.report.adverts == 1


def test_a_second_process_that_dies_loses_nothing(tmp_path: Path, group: Group) -> None:
    run = in_small_batches(group)
    killed = 0
    for _ in run.run(iterate_mbox(write_mbox(tmp_path / "list.mbox", long_archive()))):
        for helper in helpers():
            helper.kill()
            killed += 1
    assert killed >= 1
    assert (run.report.messages, run.report.imported) == (41, 41)


def test_what_is_in_doubt_has_its_reasons_told_at_length() -> None:
    assert 0.95 * DOUBTFUL_FROM < ARCHIVE_TOLD_FROM < DOUBTFUL_FROM


def test_an_import_that_is_stopped_leaves_no_process_behind(tmp_path: Path, group: Group) -> None:
    steps = in_small_batches(group).run(iterate_mbox(write_mbox(tmp_path / "list.mbox", long_archive())))
    while not helpers():
        next(steps)
    steps.close()
    assert not helpers()


def test_one_core_and_short_archives_do_without_a_second_process(tmp_path: Path, group: Group) -> None:
    path = write_mbox(tmp_path / "list.mbox", long_archive())
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        steps = in_small_batches(group, cores=None).run(iterate_mbox(path))
        assert not any(helpers() for _ in steps)
    finally:
        os.sched_setaffinity(0, before)
    short = Import(new_group("short"), cores=2).run(iterate_mbox(path))
    assert not any(helpers() for _ in short)
