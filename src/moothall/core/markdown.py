"""Markdown as members write it → HTML that is safe on a page. Rendered once, at write."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from moothall.core.links import LINK_REL, pieces

# Bounds the parser's recursion. What is quoted or listed deeper would be dropped by the parser, so such a text is
# shown as it was typed.
NESTING_MOST = 24
# A post stands below the page's title and its author's name.
HEADING_TOP = 3
HEADING_LAST = 6

_TAGS = {
    "p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    *(f"h{level}" for level in range(HEADING_TOP, HEADING_LAST + 1)),
}  # fmt: skip
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel=LINK_REL,
)


def render(text: str) -> str:
    """HTML of a text that went through `core.text.clean`. Any input gives some HTML; time grows with its length."""
    env: dict[str, object] = {}
    tokens = _PARSER.parse(text, env)
    if _is_cut_short(tokens):
        return as_typed(text)
    _demote_headings(tokens)
    return _CLEANER.clean(_PARSER.renderer.render(tokens, _PARSER.options, env)).strip()


def as_typed(text: str) -> str:
    """Paragraphs and line breaks only."""
    paragraphs = (html.escape(part.strip("\n")).replace("\n", "<br>\n") for part in text.split("\n\n"))
    return "\n".join(f"<p>{part}</p>" for part in paragraphs if part)


def _is_cut_short(tokens: Iterable[Token]) -> bool:
    return any(token.level >= NESTING_MOST - 1 and token.nesting == 1 for token in tokens)


def _demote_headings(tokens: Iterable[Token]) -> None:
    """Levels start below the page's own and step down one at a time, whatever the writer counted."""
    above: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            while above and above[-1] >= token.tag:
                above.pop()
            above.append(token.tag)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(HEADING_TOP + len(above) - 1, HEADING_LAST)}"


def _link_addresses(state: StateCore) -> None:
    """A parser rule: bare web addresses become links, and so do pictures, since a page loads nothing from elsewhere."""
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = list(_with_links(token.children))


def _with_links(children: Iterable[Token]) -> Iterator[Token]:
    depth = 0
    for token in children:
        depth += (token.type == "link_open") - (token.type == "link_close")
        if token.type == "image":
            words = token.content.strip() or "picture"
            yield from (_words(words),) if depth else _linked(words, str(token.attrGet("src") or ""))
        elif token.type == "text" and not depth:
            for piece in pieces(token.content):
                yield from _linked(*piece) if piece.href else (_words(piece.text),)
        else:
            yield token


def _words(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _linked(text: str, href: str) -> tuple[Token, Token, Token]:
    return Token("link_open", "a", 1, attrs={"href": href}), _words(text), Token("link_close", "a", -1)


def _parser() -> MarkdownIt:
    """CommonMark with strikethrough; no raw HTML; an indented line is no code, an underlined one no heading.

    A line break stays one: people who write in a form expect it.
    """
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": NESTING_MOST})
    parser.enable("strikethrough").disable(["code", "html_block", "html_inline", "lheading"])
    parser.core.ruler.push("addresses", _link_addresses)
    return parser


_PARSER = _parser()
