"""The command as people run it: once as a process, then by its words in this process, which saves the starts."""

from __future__ import annotations

import cProfile
import gzip
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from threading import Thread

import pytest

from moothall_screening import Candidate
from moothall_screening.cli.main import main
from moothall_screening.cli.telling import shows_colours
from moothall_screening.inputs import BadLine, candidates
from moothall_screening.labelled import UnreadableRowError, read_rows
from moothall_screening.reliability_plot import svg
from moothall_screening.weights import PACKAGED

PITCH = "Our firm offers cheap loft conversions. Call us today on 020 7946 0123 for a free quote, 20% off!"
QUESTION = "Has anyone here dealt with damp in a north wall? We tried lime plaster and it came back by March."
FIELDS = {
    "id",
    "kind",
    "kinds",
    "promotion",
    "fit",
    "language",
    "evidence",
    "duplicate_keys",
    "worth_keeping",
    "model_version",
}


@dataclass(frozen=True, slots=True)
class Run:
    returncode: int
    stdout: bytes
    stderr: bytes


def command(*arguments: str | Path, given: str = "") -> Run:
    with _streams(given.encode()) as (out, error):
        try:
            code = main(list(map(str, arguments)))
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Run(code, out.getvalue(), error.getvalue())


@contextmanager
def _streams(given: bytes) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """Those of the process, as pipes would be."""
    before = sys.stdin, sys.stdout, sys.stderr
    out, error = io.BytesIO(), io.BytesIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO(given), encoding="utf-8")
    sys.stdout, sys.stderr = (io.TextIOWrapper(stream, "utf-8", write_through=True) for stream in (out, error))
    try:
        yield out, error
    finally:
        wrapped = sys.stdout, sys.stderr
        sys.stdin, sys.stdout, sys.stderr = before
        for wrapper in wrapped:
            wrapper.detach()  # what was written outlives its wrapper


def process(*arguments: str, given: str) -> Run:
    words = "from moothall_screening.cli.main import main; raise SystemExit(main())"
    ended = subprocess.run(
        [sys.executable, "-c", words, *arguments], input=given.encode(), capture_output=True, check=False
    )
    return Run(ended.returncode, ended.stdout, ended.stderr)


def said(run: Run) -> list[dict[str, object]]:
    return [json.loads(line) for line in run.stdout.splitlines()]


# For the sentence model, which each command would load anew.
pytestmark = pytest.mark.usefixtures("screener")

POSTS = 9  # of each kind, three in each of three groups; nine genuine ones to an offer are a mix as in life


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [
        {"id": f"{n}", "text": f"{text} {n}", "kind": kind, "group": f"g{n % 3}"}
        for n in range(POSTS)
        for text, kind in ((PITCH, "promotion"), (QUESTION, "question"))
    ]
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_screen_reads_json_lines_and_goes_on_after_a_bad_one() -> None:
    lines = [json.dumps({"id": 7, "text": PITCH}), "{broken", json.dumps({"id": "b", "text": QUESTION}), '{"text": 3}']
    run = process("screen", given="\n".join(lines))
    first, bad, second, wrong = said(run)
    assert run.returncode == 1
    assert set(first) == FIELDS
    assert (first["id"], first["kind"], second["id"]) == ("7", "promotion", "b")
    assert bad["line"] == 2
    assert "give one object a line" in str(bad["error"])
    assert wrong == {"line": 4, "error": 'this line has no text: give an object with at least {"text": "…"}'}


def test_screen_reads_mbox_with_broken_headers(tmp_path: Path) -> None:
    box = tmp_path / "list.mbox"
    box.write_bytes(
        b"From a@b.example Mon Jan  1 10:00:00 2024\nSubject: damp\nMessage-ID: <1@b.example>\n\n"
        + QUESTION.encode()
        + b"\n\nFrom c@d.example Mon Jan  1 11:00:00 2024\nSubject: =?no-such?q?lofts?=\nMessage-ID: <2@d.example>\n"
        + b'Content-Type: text/plain; charset="no-such"\n\n'
        + PITCH.encode()
        + b"\xff\n"
    )
    run = command("screen", box)
    assert [row["id"] for row in said(run)] == ["<1@b.example>", "<2@d.example>"]
    assert run.returncode == 0


def test_screen_reads_mails_as_they_are_meant(tmp_path: Path) -> None:
    envelope = b"From a@b.example Mon Jan  1 10:00:00 2024\n"
    box = tmp_path / "list.mbox"
    box.write_bytes(
        envelope + b"Subject: =?utf-8?b?S8O=?=\n =?utf-8?b?tmxu?=\nMessage-ID: <1@b.example>\n\n"
        + b"Damp in the north wall?\n\nFrom what I read in 1999, lime helps.\n>From us all: thanks.\n\n"
        + envelope + b"Message-ID: <2@b.example>\nContent-Type: text/html\n\n"
        + b"<style>p {}</style><p>Is lime &amp; hair<br>right?\n\n"
        + envelope + b"Message-ID: <3@b.example>\nContent-Type: text/plain; charset=idna\n\nLime is right.\n"
    )  # fmt: skip
    with box.open("rb") as lines:
        first, second, third = (item for item in candidates(lines) if isinstance(item, Candidate))
    assert (first.subject, first.id) == ("Köln", "<1@b.example>")
    assert "\nFrom what I read in 1999, lime helps.\nFrom us all: thanks." in first.text
    assert second.text == "Is lime & hair\nright?"
    assert third.text == "Lime is right.\n"


def test_a_text_that_begins_with_from_is_no_mbox() -> None:
    text = b"From Monday 3 May 2024 we plaster in lime.\nWho joins?\n"
    assert list(candidates(text.splitlines(keepends=True))) == [Candidate(text.decode())]


def test_a_mail_that_cannot_be_read_is_a_bad_line_of_its_own() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    envelope = b"From a@b.example Mon Jan  1 10:00:00 2024\n"
    lines = (envelope + deep + b"\n" + envelope + b"Subject: Damp\n\nLime helps.\n").splitlines(keepends=True)
    bad, good = candidates(lines)
    assert isinstance(bad, BadLine)
    assert bad.line == 1
    assert isinstance(good, Candidate)


def test_a_hostile_field_of_a_mail_takes_no_more_work_than_its_length_allows() -> None:
    mail = b'From a@b.example Mon Jan  1 10:00:00 2024\nContent-Type: text/plain; a="' + b";" * 60_000 + b"\n\nDamp?\n"
    profile = cProfile.Profile(subcalls=False)
    (item,) = profile.runcall(lambda: list(candidates(mail.splitlines(keepends=True))))
    assert item == Candidate("Damp?\n")
    assert sum(entry.callcount for entry in profile.getstats()) < 60_000  # each of which may look through the field


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b'[{"text": "a"},\n{"text": "b"}]', "one object a line"),
        ('{"text": "a"}'.encode("utf-16"), "not text in UTF-8"),
        (gzip.compress(b"Lime helps."), "not text in UTF-8"),
        (b"text is cut\n" + b'{"text": "a"}\n' * 2, "not JSON"),
    ],
)
def test_what_is_no_text_is_said_and_not_judged(given: bytes, told: str) -> None:
    bad, *others = candidates(given.splitlines(keepends=True))
    assert isinstance(bad, BadLine)
    assert told in bad.error
    assert all(isinstance(item, Candidate) for item in others)
    assert len(others) == given.count(b'{"text": "a"}\n')


@pytest.mark.parametrize(("name", "code"), [("screen", 0), ("explain", 2)])
def test_a_closed_input_holds_nothing(monkeypatch: pytest.MonkeyPatch, name: str, code: int) -> None:
    monkeypatch.setattr(sys, "stdin", None)  # as Python has it where the process was started so
    assert main([name]) == code


def test_a_bad_line_of_a_file_names_it_and_a_missing_file_is_said_first(tmp_path: Path) -> None:
    broken, none = tmp_path / "broken.jsonl", tmp_path / "none.jsonl"
    broken.write_text('{"text": "Damp?", "subject": true}\n')
    run = command("screen", broken)
    assert said(run) == [
        {"file": str(broken), "line": 1, "error": "subject is not text: give a string or leave it out"}
    ]
    run = command("screen", broken, none)
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr.decode() == f"moothall-screen: {none}: No such file or directory\n"


def test_a_file_that_vanishes_costs_no_other_its_verdicts(tmp_path: Path) -> None:
    pipe, gone, last = (tmp_path / name for name in ("pipe", "gone.jsonl", "last.jsonl"))
    os.mkfifo(pipe)
    for file in (gone, last):
        file.write_text(json.dumps({"text": QUESTION, "id": file.stem}))

    def send() -> None:
        with pipe.open("w") as lines:  # which waits until all files were looked at and this one is read
            gone.unlink()
            lines.write(json.dumps({"text": QUESTION, "id": "first"}))

    sender = Thread(target=send, daemon=True)
    sender.start()
    run = command("screen", pipe, gone, last)
    first, bad, second = said(run)
    assert (run.returncode, first["id"], second["id"]) == (1, "first", "last")
    assert bad == {"file": str(gone), "error": "this file cannot be read any further (No such file or directory)"}


@pytest.mark.parametrize("arguments", [("screen", "--explain"), ("explain", "Damp?")])
def test_a_closed_output_is_no_fault(monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str]) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # as Python has it where the process was started so
    monkeypatch.setattr(sys, "stdin", None)
    assert main(arguments) == 0


def test_a_closed_error_output_ends_no_long_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    posts.write_text('{"text": ""}\n' * 501)  # progress is told after 500
    monkeypatch.setattr(sys, "stderr", None)  # as Python has it where the process was started so
    assert main(["screen", str(posts)]) == 0


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    ends = os.openpty()
    with open(ends[0], "rb"), open(ends[1], "w") as terminal:
        assert shows_colours(terminal)
        assert not shows_colours(io.StringIO())
        for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
            monkeypatch.setenv(name, value)
            assert not shows_colours(terminal)
            monkeypatch.delenv(name)


def test_screen_reads_plain_text_for_people() -> None:
    run = command("screen", "--explain", given=PITCH + "\x1b[31m")
    told = run.stdout.decode()
    assert "reads as an offer" in told
    assert "asks readers to get in touch" in told
    assert "\x1b" not in told
    assert not command("screen", given="").stdout


def test_explain_tells_of_the_group_and_the_parent() -> None:
    run = command(
        "explain", QUESTION, "--subject", "Damp", "--parent", "North walls and damp", "--purpose", "Old houses"
    )
    told = run.stdout.decode()
    assert "of 100 posts like this were offers" in told
    assert "worth keeping" in told


def test_explain_says_that_there_is_no_text() -> None:
    run = command("explain", given=" \n")
    assert run.returncode == 2
    assert b"there is no text" in run.stderr


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('{"text": "Damp?", "kind": "promotoin"}', "'promotoin' is no label"),
        ('{"text": "Damp?", "label": 1}', "1 is no label"),
        ('{"text": "Damp?", "label": ["spam"]}', "is no label"),
        ('{"text": 5, "label": "ham"}', "text is not text"),
        ('{"text": "Damp?"}', "a kind or a label"),
        ('{"text": "Damp?", "label": "ham", "rules": "No adverts"}', "rules is not a list"),
        ('{"text": "Damp?", "label": "ham", "pitch": "Call us"}', "pitch is not a list"),
        ('{"text": "Damp?", "label": "ham", "group": {}}', "group is not text"),
        ('{"text": "Damp?", "label": "ham", "way": 3}', "way is not text"),
        ('{"text": "Damp?", "label": "ham", "masked": "no"}', "masked is neither"),
        ('{"text": "Dam', "not JSON"),
        ("[]", "no object"),
    ],
)
def test_a_labelled_row_that_is_wrong_is_named_by_its_line(tmp_path: Path, row: str, told: str) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text('{"text": "Lime helps.", "label": "ham"}\n\n' + row)
    with pytest.raises(UnreadableRowError, match=f"line 3: .*{re.escape(told)}"):
        read_rows(path)


def test_labelled_rows_are_read_plain_or_gzipped_whatever_the_name(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    for data in (
        b'\xef\xbb\xbf{"text": "Lime", "label": "ham"}\r\n',
        gzip.compress(b'{"text": "Lime", "label": "ham"}'),
    ):
        path.write_bytes(data)
        assert [row.candidate.text for row in read_rows(path)] == ["Lime"]
    path.write_bytes(gzip.compress(b'{"text": "Lime", "label": "ham"}\n' * 9)[:-9])
    with pytest.raises(UnreadableRowError, match="breaks off"):
        read_rows(path)


def test_evaluate_says_what_a_file_lacks(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text('{"text": "Lime helps.", "label": "ham"}\n')
    assert b"a ranking needs promotions and others" in command("evaluate", path).stdout
    path.write_text('{"text": "Lime helps.", "label": null}\n')
    run = command("evaluate", path)
    assert run.returncode == 2
    assert b"holds no labelled post" in run.stderr


def test_a_plot_bears_any_name() -> None:
    assert "<title>a&lt;b&amp;c</title>" in svg([], title="a<b&c")


@pytest.mark.parametrize("name", ["fast.json", "fast.npz", "stack.json"])
@pytest.mark.parametrize("content", ["{}", "", '{"fit": 1}'])
def test_a_file_that_holds_no_weights_is_named(tmp_path: Path, name: str, content: str) -> None:
    for each in ("fast.json", "fast.npz", "stack.json"):
        copy(PACKAGED / each, tmp_path)
    (tmp_path / "sentence").symlink_to(PACKAGED / "sentence")
    (tmp_path / name).write_text(content)
    run = command("--weights", tmp_path, "explain", "Damp?")
    assert run.returncode == 2
    assert f"{name} holds no weights" in run.stderr.decode()


def test_weights_that_were_cut_off_are_named(tmp_path: Path) -> None:
    copy(PACKAGED / "fast.json", tmp_path)
    (tmp_path / "fast.npz").write_bytes((PACKAGED / "fast.npz").read_bytes()[:-1000])
    assert b"fast.npz holds no weights" in command("--weights", tmp_path, "explain", "Damp?").stderr


def test_evaluate_prints_its_table_and_draws(labelled: Path, tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    run = command("evaluate", labelled, "--plot", plot)
    told = run.stdout.decode()
    assert "AUC                            1.000" in told
    assert "recall at 1% wrongly stopped   1.000" in told
    assert plot.read_text().startswith("<svg")


def test_evaluate_measures_speed_and_says_of_how_many(labelled: Path) -> None:
    run = command("evaluate", "--speed", labelled)
    told = run.stdout.decode()
    assert run.returncode == 0, run.stderr
    assert "loading: " in told
    assert "(10 calls of the same mix)" in told


def test_evaluate_names_the_worst_hostile_text(tmp_path: Path) -> None:
    for name in ("fast.json", "fast.npz"):
        copy(PACKAGED / name, tmp_path)  # without the sentence model, which would take a minute
    told = command("--weights", tmp_path, "evaluate", "--robust").stdout.decode()
    assert told.startswith("fast judge: the worst text took")
    assert len(told.splitlines()) == 1


def test_evaluate_finds_reworded_promotions(labelled: Path) -> None:
    told = command("evaluate", "--duplicates", labelled).stdout.decode()
    assert f"letters spaced out                  {POSTS:2} copies  found 1.000" in told


def test_evaluate_sees_through_disguises(labelled: Path) -> None:
    told = command("evaluate", "--disguised", labelled).stdout.decode().splitlines()
    assert [line[:14].strip() for line in told][:2] == ["as they are", "capitals"]
    assert all(" AUC 1.000 " in line for line in told)


def test_evaluate_wants_one_thing_at_a_time(labelled: Path) -> None:
    run = command("evaluate", labelled, "--robust")
    assert run.returncode == 2
    assert b"not allowed with argument" in run.stderr


def test_replay_measures_wrong_decisions_beside_right_ones(labelled: Path) -> None:
    told = command("replay", labelled, "--one-group", "--shuffled", "--wrong", "0.2").stdout.decode()
    assert [line for line in told.splitlines() if line.startswith("second half")] == [
        f"second half, {name}: {POSTS} posts, {count} promotions"
        for name in ("frozen", "taught", "taught, 20% wrong")
        for count in re.findall(rf"frozen: {POSTS} posts, (\d+)", told)
    ]


def test_every_command_on_the_page_exists_with_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "screening.md").read_text(encoding="utf-8")
    named: dict[str, set[str]] = {}
    for name, rest in re.findall(r"moothall-screen (?:--weights FOLDER )?([a-z]+)([^`\n]*)", page):
        named.setdefault(name, set()).update(re.findall(r"--[a-z][a-z-]+", rest))
    assert {"screen", "explain", "train", "evaluate", "replay", "calibrate"} <= set(named)
    for name, options in named.items():
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
        assert options - {"--weights"} <= set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))


def test_replay_learns_from_each_decision(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": f"{QUESTION} {n}", "kind": "promotion", "group": "g"} for n in range(20)]
    path = tmp_path / "turned.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    told = command("replay", path).stdout.decode()
    assert "posts     19 to     20: wrong before teaching     2, after     0" in told


def test_calibrate_writes_weights_that_screen_takes(labelled: Path, tmp_path: Path) -> None:
    to = tmp_path / "own"
    assert b"wrote" in command("calibrate", labelled, "--to", to).stdout
    run = command("--weights", to, "screen", given=json.dumps({"text": PITCH}))
    assert said(run)[0]["kind"] == "promotion"


def test_calibrate_writes_over_the_weights_that_it_read(labelled: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    command("calibrate", labelled, "--to", own)
    run = command("--weights", own, "calibrate", labelled, "--to", own)
    assert (run.returncode, run.stderr) == (0, b"")
    assert said(command("--weights", own, "screen", given=json.dumps({"text": PITCH})))[0]["kind"] == "promotion"


def test_calibrate_puts_no_chances_beside_a_sentence_model_that_they_do_not_fit(labelled: Path, tmp_path: Path) -> None:
    fast, own = tmp_path / "fast", tmp_path / "own"
    for folder, names in ((fast, ("fast.json", "fast.npz")), (own, ("fast.json", "fast.npz", "stack.json"))):
        folder.mkdir()
        for name in names:
            copy(PACKAGED / name, folder)
    before = (own / "fast.json").read_bytes()
    run = command("--weights", fast, "calibrate", labelled, "--to", own)
    assert run.returncode == 2
    assert b"name another folder" in run.stderr
    assert (own / "fast.json").read_bytes() == before


def test_a_missing_file_and_one_label_alone_say_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"text": PITCH, "kind": "promotion"}), encoding="utf-8")
    run = command("calibrate", path, "--to", tmp_path / "own")
    assert run.returncode == 2
    assert b"give promotions and genuine posts" in run.stderr
    assert command("evaluate", tmp_path / "none.jsonl").returncode == 2
