"""What stands beside everything that somebody writes is no place for a pitch."""

from __future__ import annotations

import pytest

from moothall.members.names import clean_name, pitch_in
from moothall.web.account.profile import ProfileForm


@pytest.mark.parametrize(
    ("line", "carried"),
    [
        ("Cheap Builders 020 7946 0000", "a telephone number"),
        ("Cheap Builders +44 20 7946 0000", "a telephone number"),
        ("cheap-builders.example", "the address of a site"),
        ("Ann, www.cheap.test/now", "the address of a site"),
        ("t.me/cheap_builders", "the address of a site"),
        ("Ann (builders dot com)", "the address of a site"),
        ("ann@builders.example", "an e-mail address"),
        ("Ann, ann at builders dot com", "an e-mail address"),
        ("Lofts from £99", "a price"),
        ("Cheap Builders ０２０ ７９４６ ００００", "a telephone number"),
        ("Call ann@b.example or 0207 946 0000", "a telephone number and an e-mail address"),
    ],
)
def test_a_pitch_is_found(line: str, carried: str) -> None:
    assert pitch_in(clean_name(line)) == carried


@pytest.mark.parametrize(
    "line",
    [
        "Ann Archer",
        "J.de Vries",
        "A.B.de Groot",
        "Th. de Vries",
        "J. R. R. Tolkien",
        "will.i.am",
        "Agent 007",
        "Élodie Marchand-Šimić",
        "王小明",
        "محمد عبد الله",
        "Houses built 1900-1919",
        "Mia, class of 2026-11-26",
        "@mia",
        "Area 51, Nevada",
        "Dr. Ng",
        "",
    ],
)
def test_a_person_keeps_their_name(line: str) -> None:
    assert pitch_in(clean_name(line)) == ""


def test_the_profile_says_where_it_belongs() -> None:
    form = ProfileForm({"name": "Ann 020 7946 0000", "headline": "Lofts from £99", "about": "£99 is what I ask."})
    assert not form.is_valid()
    assert set(form.errors) == {"name", "headline"}
    assert "Leave out a telephone number" in form.errors["name"][0]
    assert "Leave out a price: what you offer has its own place" in form.errors["headline"][0]
