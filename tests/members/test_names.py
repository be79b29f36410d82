"""What stands beside everything that somebody writes is no place for a pitch."""

from __future__ import annotations

import pytest

from moothall.members.names import clean_name, contact_in, pitch_in
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
        ("Roofs 0️⃣2️⃣0️⃣ 7️⃣9️⃣4️⃣6️⃣ 0️⃣1️⃣1️⃣8️⃣", "a telephone number"),
        ("Call ann@b.example or 0207 946 0000", "a telephone number and an e-mail address"),
        ("Roofs O1473 555O123", "a telephone number"),
        ("Roofs 0l473 555 0I23", "a telephone number"),
        ("Roofs 555-0123", "a telephone number"),
        ("Roofs, 020 7946 0118, Leeds", "a telephone number"),
        ("Roofs 555 0123", "a telephone number"),
        ("Ann 20% off roofs", "“20% off”"),
        ("Ann ２０％ ｏｆｆ", "“２０％ ｏｆｆ”"),
        ("Cashback of 15 % here", "“Cashback of 15 %”"),
        ("@smithroofs on Instagram", "“@smithroofs on Instagram”"),
        ("Ann @smith.roofs (Telegram)", "“@smith.roofs (Telegram”"),
        ("Ann @smithroofs on X", "“@smithroofs on X”"),
        ("TikTok: smithroofs", "“TikTok: smithroofs”"),
        ("LINE: @smithroofs", "“LINE: @smithroofs”"),
        ("Twitter @smithroofs", "“Twitter @smithroofs”"),
        ("WhatsApp me", "“WhatsApp me”"),
        ("Ann, find me on OnlyFans", "“on OnlyFans”"),
        ("Cheap roofs Leeds - free quotes, see my profile", "“free quotes”"),
        ("Frее quotеs", "“Frее quotеs”"),
        ("Roofs at best prices", "“best prices”"),
        ("Roofs, free estimates", "“free estimates”"),
        ("Roofs. Rіng us", "“Rіng us”"),
        ("Enrol today", "“Enrol today”"),
        ("Roof leaks? Call me", "“Call me”"),
        ("Roofs. Call me today", "“Call me”"),
        ("Roofs - contact us", "“contact us”"),
        ("DM me", "“DM me”"),
        ("Lofts, book now", "“book now”"),
        ("Putty: order now", "“order now”"),
        ("Buy now", "“Buy now”"),
        ("Visit our web page", "“Visit our web page”"),
        ("Roofer, see my profile", "“see my profile”"),
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
        "Calls me Al",
        "People call me Al",
        "Call me Ishmael",
        "Line Jensen",
        "Line Jensen @line-jensen",
        "@mia, line dancer",
        "Malcolm X",
        "X Æ A-12",
        "Oslo 2024",
        "Apollo 11 engineer",
        "Not on Facebook",
        "Message me about swarms",
        "Here to join in today",
        "Early bird, off to the allotment",
        "Writes on lime and line",
        "Lime plasterer near Sudbury",
        "100% wool knitter",
        "Hands off, 100% wool",
        "Class of 1985-1989",
        "Fire doors to BS 476-1987",
        "EN 14351-1 windows",
        "Works on Line 4 of the Tube",
        "Free and easy, quotes Larkin",
        "Books nowadays, and old orders",
        "Visits our old churches",
        "Ólafur Óli Ólason",
        "Nguyễn Thị Ánh",
        "Иван Иванович",
        "Ελένη Παπαδοπούλου",
        "김민준",
        "さとう はなこ",
        "आरती शर्मा",
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


@pytest.mark.parametrize("unseen", "\u3164\u2800\u115f\u1160\uffa0\u17b4\u034f\ufe0f\u180b\u200c\u200d\u00ad\U000e0100")
def test_a_pitch_is_found_through_what_shows_nothing(unseen: str) -> None:
    for line in (f"Roofs 020{unseen}7946{unseen}0118", f"Roofs, free{unseen} quotes", f"Roofs, fr{unseen}ee quotes"):
        assert pitch_in(line)
    assert contact_in(f"We meet on Mondays.\nCall 020{unseen}7946{unseen}0118.") == "a telephone number"


@pytest.mark.parametrize(
    "line", ["葛\U000e0100城 はなこ", "نیک\u200cنام", "क्\u200dष शर्मा", "Ann ❤\ufe0f lime", "김\u3164민준"]
)
def test_a_person_keeps_a_name_with_what_shows_nothing(line: str) -> None:
    assert pitch_in(clean_name(line)) == ""


@pytest.mark.parametrize(
    ("knows", "carried"),
    [
        ("Lime\nRoofs 020 7946 0000", "“Roofs 020 7946 0000” stands beside your name. Leave out a telephone number"),
        ("Lofts, free quotes\nOak", "“Lofts, free quotes” stands beside your name. Leave out “free quotes”"),
    ],
)
def test_what_one_may_be_asked_about_carries_no_pitch(knows: str, carried: str) -> None:
    form = ProfileForm({"name": "Ann Archer", "knows": knows})
    assert not form.is_valid()
    assert set(form.errors) == {"knows"}
    assert carried in form.errors["knows"][0]


def test_what_one_may_be_asked_about_is_kept_line_by_line() -> None:
    form = ProfileForm({"name": "Ann Archer", "knows": "100% wool\nFire doors to BS 476-1987"})
    assert form.is_valid()
    assert form.cleaned_data["knows"] == ["100% wool", "Fire doors to BS 476-1987"]
