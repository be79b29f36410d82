"""The command as people run it: once as a process, then by its words in this process, which saves the starts."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy

import pytest

from moothall_screening.cli.main import main
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


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [
        {"id": f"{n}", "text": f"{text} {n}", "kind": kind, "group": f"g{n % 3}"}
        for n in range(15)
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
    assert "letters spaced out                  15 copies  found 1.000" in told


def test_evaluate_wants_one_thing_at_a_time(labelled: Path) -> None:
    run = command("evaluate", labelled, "--robust")
    assert run.returncode == 2
    assert b"not allowed with argument" in run.stderr


def test_replay_measures_wrong_decisions_beside_right_ones(labelled: Path) -> None:
    told = command("replay", labelled, "--one-group", "--shuffled", "--wrong", "0.2").stdout.decode()
    assert [line for line in told.splitlines() if line.startswith("second half")] == [
        f"second half, {name}: 15 posts, {count} promotions"
        for name in ("frozen", "taught", "taught, 20% wrong")
        for count in re.findall(r"frozen: 15 posts, (\d+)", told)
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


def test_a_missing_file_and_one_label_alone_say_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"text": PITCH, "kind": "promotion"}), encoding="utf-8")
    run = command("calibrate", path, "--to", tmp_path / "own")
    assert run.returncode == 2
    assert b"give promotions and genuine posts" in run.stderr
    assert command("evaluate", tmp_path / "none.jsonl").returncode == 2
