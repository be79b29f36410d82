from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.core.links import LINK_REL
from moothall.core.markdown import render
from tests.effort import calls

LIMIT = 64 * 1024
ALLOWED = {
    "p",
    "br",
    "hr",
    "em",
    "strong",
    "s",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "h3",
    "h4",
    "h5",
    "h6",
}


class Tags(HTMLParser):
    """What a browser would make of it: every tag, every attribute, the depth."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in Tags(html).found:
        assert tag in ALLOWED
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else {"start"} if tag == "ol" else set())
        if "href" in attributes:
            assert attributes["rel"] == LINK_REL
            assert not re.match(r"\s*(javascript|data|vbscript|file):", attributes["href"] or "", re.IGNORECASE)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)' onclick=alert(1) style=color:red>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\tjavascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x) [y](file:///etc/passwd)",
    "![x](javascript:alert(1)) ![y](data:image/png;base64,AAAA)",
    '![x](http://a.example/"onerror="alert(1))',
    "<javascript:alert(1)>",
    '[x](http://a.example "title\\" onmouseover=alert(1)")',
    '```" onclick=alert(1)\n</code></pre><script>alert(1)</script>\n```',
    'http://a.example/"onmouseover=alert(1)',
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "</p></div><iframe src=//a.example></iframe>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_becomes_harmless(text: str) -> None:
    assert_harmless(render(text))


MARKUP = st.lists(
    st.sampled_from([*"ab \n>#*_`~[]()!<&\"'-+1.:/\\\t", "http://", "javascript:", "onerror=", "&#x6a;"])
).map("".join)


@given(MARKUP | st.text())
def test_any_text_becomes_harmless(text: str) -> None:
    assert_harmless(render(text))


@pytest.mark.parametrize(
    "part",
    [
        ">",
        "> ",
        "[",
        "![",
        "*",
        "*a ",
        "_a*",
        "`",
        "- ",
        "1. ",
        "[](",
        "[a](",
        "~~a",
        "<",
        "&",
        "http://a.b/(",
        "a ://",
    ],
)
def test_nesting_without_end_stays_cheap(part: str) -> None:
    def work(size: int) -> int:
        return calls(lambda: render(part * (size // len(part))))

    # Linear would be 4; squared would be 16.
    assert work(LIMIT // 16) < 6 * work(LIMIT // 64) + 2500


def test_what_is_quoted_too_deep_to_draw_is_shown_as_typed() -> None:
    html = render(">" * 40 + " the <b>splice</b>")
    assert "the &lt;b&gt;splice&lt;/b&gt;" in html
    assert "<blockquote>" not in html


def test_line_breaks_stay() -> None:
    assert render("one\ntwo\n\n    three") == "<p>one<br>\ntwo</p>\n<p>three</p>"


def test_headings_stand_below_the_page_and_step_by_one() -> None:
    assert re.findall(r"<(h\d)>", render("# a\n#### b\n## c\n# d\n###### e")) == ["h3", "h4", "h4", "h3", "h4"]


def test_bare_address_becomes_a_link() -> None:
    expected = f'<p>See <a href="http://www.a.example" rel="{LINK_REL}">www.a.example</a>.</p>'
    assert render("See www.a.example.") == expected


def test_picture_is_a_link_to_it() -> None:
    assert (
        render("![scarf](http://a.example/s.png)")
        == f'<p><a href="http://a.example/s.png" rel="{LINK_REL}">scarf</a></p>'
    )
    assert "<img" not in render("![](http://a.example/s.png)")


def test_picture_in_a_link_keeps_the_link() -> None:
    expected = f'<p><a href="http://b.example" rel="{LINK_REL}">scarf</a></p>'
    assert render("[![scarf](http://a.example/s.png)](http://b.example)") == expected
