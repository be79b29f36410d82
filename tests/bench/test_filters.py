"""What is alike for all filters that are measured beside the screening, and how their answers are read."""

from __future__ import annotations

import json
import mailbox
import shutil
import subprocess
import sys
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path

import numpy as np
import pytest
from filters.bogofilter import Bogofilter
from filters.filter import FilterFailed, by_number, children_cpu_s
from filters.mails import mail, write_folder, write_mbox
from filters.moothall import Moothall
from filters.rspamd import probability
from filters.spamassassin import answers
from screening_figures import Column, Figure, of_dev, speed
from screening_sets import Sets
from screening_table import shown, table

from moothall_screening import Candidate, Kind
from moothall_screening.labelled import Row
from screening import measured

NEVER = float("inf")
HOSTILE = "From here on\r\n\x00\ud800 naïve\n.\n\nFrom there\n"


def row(text: str, *, is_promotion: bool = False, subject: str = "", pair: str | None = None, group: str = "a") -> Row:
    return Row(
        candidate=Candidate(text, subject=subject),
        is_promotion=is_promotion,
        kind=Kind.PROMOTION if is_promotion else Kind.QUESTION,
        source="corpus",
        group=group,
        language="en",
        is_masked=is_promotion,
        pair=pair,
    )


GENUINE = [row(f"Has anyone dealt with damp in a north wall? Coat {n} of the lime came off.") for n in range(40)]
OFFERS = [row(f"We offer loft number {n}. Call us today for a free quote!", is_promotion=True) for n in range(40)]


def test_a_post_becomes_a_mail_with_constant_headers() -> None:
    mails = [
        message_from_bytes(mail(row(text, subject=subject), 7), policy=policy.default)
        for text, subject in (("Naïve.", "Damp\nin walls"), (HOSTILE, "\x00 \ud800"))
    ]
    assert mails[0]["Subject"] == "Damp in walls"
    assert mails[0].get_content() == "Naïve.\n"
    assert list(mails[0]) == list(mails[1])
    assert b"\0" not in mail(row(HOSTILE, subject="\0"), 7)


def test_a_folder_and_an_mbox_hold_the_same_posts(tmp_path: Path) -> None:
    rows = [row(HOSTILE), *GENUINE[:3]]
    files = sorted(write_folder(tmp_path / "folder", rows).iterdir())
    with closing(mailbox.mbox(str(write_mbox(tmp_path / "box", rows)))) as box:
        named = [message["Message-ID"] for message in box]
    assert [path.name for path in files] == ["000000", "000001", "000002", "000003"]
    assert named == [f"<{number}@group.example>" for number in range(4)]


def test_an_answer_that_is_missing_is_told() -> None:
    assert by_number(2, iter([(1, 0.5), (0, 0.25)])).tolist() == [0.25, 0.5]
    with pytest.raises(FilterFailed, match="1 of 2 posts got no answer"):
        by_number(2, iter([(1, 0.5)]))


@pytest.mark.parametrize(
    ("symbols", "chance"),
    [
        ({"BAYES_SPAM": {"options": ["64.50%"]}}, 0.8225),
        ({"BAYES_HAM": {"options": ["100.00%"]}}, 0.0),
        ({}, 0.5),
    ],
)
def test_rspamds_symbols_are_read_as_a_chance(symbols: dict[str, object], chance: float) -> None:
    assert probability(json.dumps({"symbols": symbols}).encode()) == pytest.approx(chance)


def test_the_time_of_children_is_counted_while_they_run_and_after() -> None:
    before = children_cpu_s()
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    ended = children_cpu_s()
    program = "sum(range(3_000_000)); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        running = children_cpu_s()
        child.communicate(b"\n")
    assert before < ended < running


def test_a_filter_that_is_not_installed_is_left_out_and_named() -> None:
    class Absent(Bogofilter):
        needs = ("no-such-filter",)

    found = measured(Absent(), Sets(GENUINE, GENUINE, {}), NEVER)
    assert [column.failed for column in found] == ["left out, since no-such-filter is not installed"]


def test_a_set_that_a_filter_has_learnt_from_is_not_measured() -> None:
    over = Sets(OFFERS + GENUINE, OFFERS + GENUINE, {"janitr_x_posts": OFFERS + GENUINE, "other": OFFERS + GENUINE})
    figures = measured(Moothall("fast", closely=False), over, NEVER)[0].figures
    assert figures["other, AUC"].value == 1.0
    assert "janitr_x_posts, AUC" not in figures
    assert figures["posts judged a CPU-second"].posts == 80
    assert "posts learnt a CPU-second" not in figures


@pytest.mark.skipif(shutil.which("bogofilter") is None, reason="bogofilter is not installed")
def test_bogofilter_learns_what_it_is_taught() -> None:
    column = measured(Bogofilter(), Sets(OFFERS + GENUINE, OFFERS[:9] + GENUINE[:9], {}), NEVER)[0]
    assert column.failed == ""
    assert column.figures["corpus dev, AUC"].value == 1.0


@pytest.mark.skipif(shutil.which("bogofilter") is None, reason="bogofilter is not installed")
def test_a_filter_whose_time_is_over_is_given_up_and_named() -> None:
    found = measured(Bogofilter(), Sets(OFFERS, GENUINE, {}), 0.0)
    assert [(column.name, column.figures) for column in found] == [("bogofilter", {})]
    assert "longer than its share" in found[0].failed


def test_spamassassins_answers_are_told_apart_by_number_not_by_order(tmp_path: Path) -> None:
    path = write_mbox(tmp_path / "marked", GENUINE[:2])
    marked = path.read_bytes().split(b"From member@group.example Thu")[1:]
    swapped = b"".join(
        b"From member@group.example Thu"
        + mail.replace(b"\nSubject:", b"\nX-Spam-Measured: 0.%d 4.9\nSubject:" % number)
        for number, mail in reversed(list(enumerate(marked)))
    )
    path.write_bytes(swapped)
    assert list(answers(path)) == [(1, 0.1, 4.9), (0, 0.0, 4.9)]


def test_the_figures_of_the_corpus_part_masked_posts_and_pairs() -> None:
    rows = [row("a", pair="p"), row("b", is_promotion=True, pair="p"), row("c", group="b")]
    figures = dict(of_dev(rows, np.array([0.1, 0.9, 0.2])))
    assert figures["corpus dev, masked, AUC"].value == 1.0
    assert figures["corpus dev, contrast pairs in order"] == Figure(1, 1.0)
    assert "corpus dev, calibration error" in figures
    assert "corpus dev, calibration error" not in dict(of_dev(rows, np.array([-3.0, 4.9, 0.2])))


def test_the_table_has_a_dash_for_what_a_filter_can_not_tell() -> None:
    able = Column("able", figures={"corpus dev, AUC": Figure(9, 0.9, 0.8, 1.0), **speed("judged", 8, 0.001)})
    drawn = table([able, Column("silent", failed="left out"), Column("other", figures=speed("judged", 8, 1.0))])
    cells = [list(column.cells) for column in drawn.columns]
    assert [column.header for column in drawn.columns] == ["of it", "posts", "able", "other", "wanted"]
    assert cells[2][0] == "0.900\n\\[0.800, 1.000]"
    assert (cells[3][0], cells[4][0]) == ("–", "0.993")
    assert shown(Figure(8, 8000.0)) == "8,000"
