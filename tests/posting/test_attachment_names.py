from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.members.names import pitch_in
from moothall.posting.attachment_names import LONGEST_NAME, short_name, shown_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Roofs 01473 555 0123.pdf", "attachment.pdf"),
        ("Roofs_01473_555_0123.pdf", "attachment.pdf"),
        ("damp-firm.co.uk.JPG", "attachment.JPG"),
        ("tiles £2 each.docx", "attachment.docx"),
        ("bargains.shop", "attachment"),
        ("damp-firm.com", "attachment"),
    ],
)
def test_name_that_carries_a_pitch_is_reduced_to_its_ending(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@pytest.mark.parametrize(
    "name",
    [
        *("North wall, plate.jpg", "Minutes 5.1.2026.pdf", "BS 8102-2022.pdf", "x.tar.gz", "readme.md", "plan", ""),
        *("IMG_20260105_101112.jpg", "PXL_20260105_101112123.MP.jpg", "2026-01-05 10-11-12.png", "20260105.pdf"),
        *("Screenshot 2026-01-05 at 10.11.12.png", "signal-2026-01-05-101112.jpeg", "scan0001 2026-01-05.pdf"),
    ],
)
def test_name_of_a_document_or_of_a_cameras_picture_stays(name: str) -> None:
    assert shown_name(name) == name


def test_long_name_is_cut_before_its_ending() -> None:
    assert shown_name("north wall " * 30 + ".jpeg") == "north wall " * 6 + "north wa….jpeg"
    assert short_name("n" * LONGEST_NAME) == "n" * LONGEST_NAME


@given(st.text(max_size=300))
def test_shown_name_is_one_short_line(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) <= LONGEST_NAME
    assert len(shown.splitlines()) <= 1


@given(st.sampled_from(["01473 555 0123", "sal@damp.example", "www.damp-firm.example"]), st.text("abc _", max_size=60))
def test_no_shown_name_carries_a_pitch(pitch: str, words: str) -> None:
    assert not pitch_in(shown_name(f"{words} {pitch}.pdf"))
