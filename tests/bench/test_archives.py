import gzip
import os
from email import message_from_bytes
from pathlib import Path

import pytest
from archives import MADE_MESSAGES, archives, many_times, plain

from moothall.core.mbox import iterate_mbox

ONE_MAIL = b"From mo@list.example Sun Jan  1 00:00:00 2012\nMessage-ID: <1@list.example>\nSubject: Lime\n\nIt helps.\n"


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    path = tmp_path / "lime.mbox.gz"
    path.write_bytes(gzip.compress(ONE_MAIL))
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is measured where no archive is named, which takes its time to make."""
    folder = tmp_path_factory.mktemp("made")
    (archive,) = archives([], folder)
    assert archive == folder / "corpus.mbox"
    return archive


def test_archives_come_from_the_environment_which_then_forgets_them(
    zipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOOTHALL_BENCH_ARCHIVES", f"{zipped}:{zipped}")
    assert archives([], zipped.parent) == [zipped, zipped]
    assert "MOOTHALL_BENCH_ARCHIVES" not in os.environ


def test_an_archive_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"nowhere\.mbox"):
        archives([str(tmp_path / "nowhere.mbox")], tmp_path)


def test_a_zipped_archive_is_unpacked_and_a_plain_one_left_alone(zipped: Path) -> None:
    unpacked = plain(zipped, zipped.parent)
    assert unpacked.read_bytes() == ONE_MAIL
    assert plain(unpacked, zipped.parent) == unpacked


def test_an_archive_several_times_over_has_no_duplicates(zipped: Path) -> None:
    longer = many_times(zipped, zipped.parent, 3)
    ids = [message_from_bytes(raw.data.split(b"\n", 1)[1])["Message-ID"] for raw in iterate_mbox(longer)]
    assert len(set(ids)) == 3


def test_the_made_archive_holds_whole_messages_and_one_long_conversation(made: Path) -> None:
    mails = [message_from_bytes(raw.data.split(b"\n", 1)[1]) for raw in iterate_mbox(made)]
    assert len(mails) == MADE_MESSAGES
    assert all(mail["Message-ID"] and mail["Date"] for mail in mails)
    assert sum(mail["In-Reply-To"] is not None for mail in mails[:200]) == 199
