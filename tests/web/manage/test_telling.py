"""The words that speak for an offer are underlined in the held post itself, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from moothall.discussions.models import Kind, Post, Source, Status, Topic
from moothall.judging.models import Screening
from moothall.posting.edit import Edit, edit
from moothall.posting.submission import Submission
from moothall.posting.submit import submit
from moothall.web.manage.telling import Part, Telling, telling
from tests.browsers import as_
from tests.web.manage.test_review_pages import held, queue
from tests.world import World, build_world

TITLE = "Best price damp proofing"
TEXT = "Has anybody a damp wall?\n\nWe treat all types of damp: see www.dampco.example/now for 15% off."
Spans = Sequence[Sequence[int]]


def post_of(text: str = TEXT, title: str = TITLE, *, is_first: bool = True, source: Source = Source.WEB) -> Post:
    return Post(topic=Topic(title=title), text=text, is_first=is_first, source=source)


def read_as(*evidence: tuple[str, float, Spans], version: int = 1) -> Screening:
    told = [{"source": s, "log_odds": w, "reason": f"because of {s}", "spans": spans} for s, w, spans in evidence]
    return Screening(evidence=told, post_version=version)


def span_of(words: str, text: str = TEXT) -> tuple[int, int]:
    return text.index(words), text.index(words) + len(words)


def underlined(parts: Sequence[Part]) -> list[str]:
    return [part.words for part in parts if part.is_marked]


def told(post: Post, *evidence: tuple[str, float, Spans]) -> Telling:
    found = telling(read_as(*evidence), post)
    assert found is not None
    return found


def test_words_in_title_and_text_are_marked_in_the_order_in_which_they_stand() -> None:
    shown = told(
        post_of(),
        ("close reading", 1.2, [span_of("\nWe treat all types of damp: ")]),
        ("wording", 2.04, [[-25, -1]]),
    )
    assert underlined(shown.title) == [TITLE]
    assert underlined(shown.text) == ["We treat all types of damp:"]
    assert [(r.number, r.source, r.reason, r.quote, r.weight) for r in shown.reasons] == [
        (1, "Wording", "because of wording", TITLE, "+2.0"),
        (2, "Close reading", "because of close reading", "We treat all types of damp:", "+1.2"),
    ]


def test_one_character_of_a_link_stands_for_the_whole_link() -> None:
    start = TEXT.index("www.")
    assert underlined(told(post_of(), ("form", 0.5, [[start, start + 1]])).text) == ["www.dampco.example/now"]


def test_what_speaks_for_talk_and_what_is_not_about_words_is_not_marked() -> None:
    verdict = read_as(("wording", -1.0, [[0, 24]]), ("group", 2.0, [[0, 24]]), ("form", 0.01, [[0, 5]]))
    assert telling(verdict, post_of()) is None


def test_stretches_that_overlap_keep_both_numbers() -> None:
    shown = told(
        post_of(),
        ("wording", 1.0, [span_of("We treat all types of damp:")]),
        ("close reading", 1.0, [span_of("damp: see")]),
    )
    assert [(p.words, p.ends) for p in shown.text if p.is_marked] == [
        ("We treat all types of ", ()),
        ("damp:", (1,)),
        (" see", (2,)),
    ]


def test_title_of_a_conversation_is_not_marked_for_a_comment() -> None:
    assert telling(read_as(("wording", 2.0, [[-25, -1]])), post_of(is_first=False)) is None


def test_verdict_about_an_earlier_version_marks_nothing() -> None:
    post = post_of()
    post.version = 2
    assert telling(read_as(("wording", 2.0, [[0, 24]])), post) is None
    assert telling(read_as(("wording", 2.0, [[0, 24]]), version=2), post) is not None


def test_places_in_an_archives_mail_are_those_of_its_own_words() -> None:
    text = "On Monday Mia wrote:\n> Any roofer?\nCall us today.\n-- \nMo\n"
    shown = told(post_of(text, source=Source.IMPORT), ("wording", 2.0, [[0, 14]]))
    assert "".join(part.words for part in shown.text) == "Call us today."


_OFFSETS = st.integers(-60, 200) | st.sampled_from([-(10**30), 10**30])


@given(
    st.text(max_size=60) | st.just("<script>alert(1)</script> & <b>"),
    st.text(max_size=30),
    st.lists(st.tuples(_OFFSETS, _OFFSETS), max_size=8),
)
def test_whatever_the_spans_the_text_is_whole_and_escaped(text: str, title: str, spans: list[tuple[int, int]]) -> None:
    shown = telling(read_as(("wording", 1.0, spans), ("form", 1.0, spans[:3])), post_of(text, title))
    if shown is None:
        return
    assert "".join(part.words for part in shown.text) == text
    assert "".join(part.words for part in shown.title) == title
    assert all(part.is_marked for part in shown.text if part.ends)
    page = render_to_string("manage/_marked.html", {"parts": [Part(p.words, p.is_marked, ()) for p in shown.text]})
    assert unescape(page.replace("<mark>", "").replace("</mark>", "")) == text
    assert "<script" not in page


@pytest.fixture
def world(db: None) -> World:
    world = build_world()
    Post.objects.filter(id=world.held.id).delete()
    return world


def test_queue_shows_the_words_the_reasons_and_what_members_would_see(world: World) -> None:
    item = held(world, world.nils, "Best price")
    Post.objects.filter(id=item.post_id).update(text="<i>Is a spliced</i> length honest?")
    page = queue(world, as_(world.mo))
    assert "<mark>&lt;i&gt;Is a spliced&lt;/i&gt; length<sup>" in page
    assert "Wording: it names a discount" in page
    assert "As members would see it" in page


def test_words_are_those_of_the_text_as_it_was_posted_and_edited(world: World) -> None:
    offer = (
        "BEST PRICE damp proofing in all Essex! Call 01632 960 118 for a FREE survey.\r\n\r\n"
        "15% off for members of this group, this week only: www.dampco.example/offer   \n\n\n"
    )
    outcome = submit(
        Submission(world.group.id, world.nils.id, offer, title="FREE survey, best price", kind=Kind.DISCUSSION)
    )
    post = Post.objects.get(topic__title="FREE survey, best price")
    assert (post.id, post.status) == (outcome.post_id, Status.HELD)
    again = f"Dear all,\n\n{offer}"
    edit(Edit(post.id, world.nils.id, again, "FREE survey, best price", Kind.DISCUSSION, 1))
    post.refresh_from_db()
    shown = telling(Screening.objects.filter(post=post).latest("screened_at"), post)
    assert shown is not None
    assert "".join(part.words for part in shown.text) == post.text
    assert any("15% off" in words for words in underlined(shown.text))
