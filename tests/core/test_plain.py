from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.core.links import LINK_REL
from moothall.core.plain import render_plain
from moothall.core.quoting import Segment, SegmentKind
from tests.core.test_markdown import Tags
from tests.effort import calls

LONG = "The carpenter who came says replace the whole plate, which means needling the wall"


def own(text: str) -> Segment:
    return Segment(SegmentKind.OWN, text)


def quote(depth: int, text: str) -> Segment:
    return Segment(SegmentKind.QUOTE, text, depth)


def signature(text: str) -> Segment:
    return Segment(SegmentKind.SIGNATURE, text)


def test_lines_wrapped_by_a_mail_program_flow() -> None:
    assert render_plain([own(f"{LONG}\n{LONG}\nor not.\n")]) == f"<p>{LONG} {LONG} or not.</p>"


def test_lines_broken_by_their_writer_stay_broken() -> None:
    assert render_plain([own("Ruth\nThe Barn")]) == "<p>Ruth<br>The Barn</p>"


def test_indented_lines_keep_their_columns() -> None:
    assert render_plain([own("So:\n\n  a  <b>\n    c\n")]) == "<p>So:</p>\n<pre>  a  &lt;b&gt;\n    c</pre>"


def test_long_quote_is_folded_and_short_one_is_open() -> None:
    html = render_plain([quote(1, "a\nb\nc\nd\n"), own("yes"), quote(1, "e\n")])
    assert html.count('<details class="quoted"><summary>Quoted text</summary>') == 1
    assert html.count('<details class="quoted" open>') == 1


def test_quotes_within_quotes_nest() -> None:
    html = render_plain([quote(1, "a"), quote(3, "c"), quote(1, "d")])
    assert "<blockquote><p>a</p><blockquote><blockquote><p>c</p></blockquote></blockquote><p>d</p></blockquote>" in html


def test_signature_stands_apart() -> None:
    html = render_plain([own("Yes."), signature("Ruth\nwww.a.example\n")])
    link = f'<a href="http://www.a.example" rel="{LINK_REL}">www.a.example</a>'
    assert html == f'<p>Yes.</p>\n<div class="signature"><p>Ruth<br>{link}</p></div>'


PARTS = st.builds(
    Segment,
    st.sampled_from(SegmentKind),
    st.text() | st.sampled_from(["<script>", "http://a\"'<"]),
    st.integers(0, 9),
)


@given(st.lists(PARTS))
def test_any_mail_becomes_harmless(parts: list[Segment]) -> None:
    allowed = {"p", "br", "pre", "a", "blockquote", "details", "summary", "div"}
    html = render_plain(parts)
    assert {tag for tag, _ in Tags(html).found} <= allowed
    assert html.count("<blockquote>") == html.count("</blockquote>")


@pytest.mark.parametrize(
    "text", ["\n" * 65536, " \n" * 32768, "http://a" * 8192, "(" * 65536 + "\n", "\n" + " " * 65536 + "x"]
)
def test_hostile_mail_stays_cheap(text: str) -> None:
    def work(size: int) -> int:
        return calls(lambda: render_plain([own(text[:size]), quote(3, text[:size]), signature(text[:size])]))

    assert work(65536) < 6 * work(16384) + 500
