"""Plain text of an HTML mail, in one linear pass.

What a reader sees is kept: paragraphs, lists, table rows, preformatted text, the address behind a link. Quotations
(`blockquote`) become `> ` lines, so that quoting is found as in plain mail. `html.parser` of Python 3.11 takes
quadratic time on hostile input (CVE-2025-6069), hence the small scanner.
"""

import re
from html import unescape

_DEEPEST_QUOTE = 20
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})([^<>]*)>|<[!?][^<>]*>")
_HREF = re.compile(r"""\bhref\s{0,3}=\s{0,3}["']?([^"'\s<>]{1,2000})""", re.IGNORECASE)
_START = re.compile(r"""\bstart\s{0,3}=\s{0,3}["']?(\d{1,6})""", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"&#(?:x[0-9a-f]{7,}|\d{8,});?", re.IGNORECASE)  # int() refuses thousands of digits
_UNSEEN = frozenset({"script", "style", "title", "template", "noscript", "object"})
_LINE = frozenset({
    "div", "tr", "li", "dt", "dd", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section",
    "article", "header", "footer", "form", "center", "address", "hr", "tbody", "thead", "body", "html",
})  # fmt: skip
_PARAGRAPH = frozenset({"p", "pre", "blockquote", "h1", "h2", "h3", "h4", "ul", "ol", "table"})


def html_to_text(html: str) -> str:
    writer = _Writer()
    html = _without_comments(html)
    at = 0
    for tag in _TAG.finditer(html):
        writer.write(html[at : tag.start()])
        at = tag.end()
        if tag.group(2):
            name = tag.group(2).lower()
            if tag.group(1):
                writer.close(name)
            else:
                writer.open(name, tag.group(3))
    writer.write(html[at:])
    return writer.text()


class _Writer:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quote_depth = 0
        self._preformatted = 0
        self._lists: list[int | None] = []  # the number of the next item; None where they have none
        self._unseen: str | None = None
        self._link: str | None = None
        self._link_text: list[str] = []

    def write(self, raw: str) -> None:
        if self._unseen is not None or not raw:
            return
        text = unescape(_LONG_NUMBER.sub("\ufffd", raw)) if "&" in raw else raw
        if self._link is not None:
            self._link_text.append(text)
        if not self._preformatted:
            self._line.append(text)
            return
        first, *others = text.split("\n")
        self._line.append(first)
        for line in others:
            self._end_line()
            self._line.append(line)

    def open(self, name: str, attributes: str) -> None:
        if self._unseen is not None:
            return
        if name in _UNSEEN:
            self._unseen = name if not attributes.endswith("/") else None
        elif name == "br":
            self._end_line()
        elif name == "a":
            self._open_link(attributes)
        elif name in {"td", "th"}:
            self._line.append("  " if self._line else "")
        else:
            self._open_block(name, attributes)

    def close(self, name: str) -> None:
        if self._unseen is not None:
            self._unseen = None if name == self._unseen else self._unseen
            return
        if name == "a":
            self._close_link()
        elif name in _LINE or name in _PARAGRAPH:
            self._break_line()
        if name == "blockquote":
            self._close_quote()
        elif name == "pre":
            self._preformatted = max(self._preformatted - 1, 0)
        elif name in {"ul", "ol"} and self._lists:
            self._lists.pop()
        if name in _PARAGRAPH:
            self._blank_line()

    def text(self) -> str:
        self._close_link()
        self._break_line()
        return "\n".join(self._lines).strip("\n") + "\n" if any(self._lines) else ""

    def _open_block(self, name: str, attributes: str) -> None:
        if name in _LINE or name in _PARAGRAPH:
            self._break_line()
        if name in _PARAGRAPH:
            self._blank_line()
        if name == "blockquote":
            self._quote_depth = min(self._quote_depth + 1, _DEEPEST_QUOTE)
        elif name == "pre":
            self._preformatted += 1
        elif name in {"ul", "ol"}:
            start = _START.search(attributes)
            self._lists.append(None if name == "ul" else int(start[1]) if start else 1)
        elif name == "li":
            self._line.append(self._mark_of_item())
        elif name == "hr":
            self._lines.append(self._prefix() + "-" * 40)

    def _mark_of_item(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number}. "

    def _close_quote(self) -> None:
        """What follows it is set apart by a line without its mark."""
        if self._lines and self._lines[-1] == self._prefix().rstrip():
            self._lines.pop()
        self._quote_depth = max(self._quote_depth - 1, 0)

    def _open_link(self, attributes: str) -> None:
        self._close_link()
        href = _HREF.search(attributes)
        address = unescape(_LONG_NUMBER.sub("", href.group(1))) if href else ""
        if address.lower().startswith(("http://", "https://")):
            self._link, self._link_text = address, []

    def _close_link(self) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        shown = "".join(self._link_text).strip()
        if link.rstrip("/") not in {shown.rstrip("/"), f"http://{shown}".rstrip("/"), f"https://{shown}".rstrip("/")}:
            self._line.append(f" <{link}>")

    def _prefix(self) -> str:
        return "> " * self._quote_depth

    def _end_line(self) -> None:
        line = "".join(self._line)
        self._line.clear()
        line = line.replace("\xa0", " ").rstrip() if self._preformatted else " ".join(line.split())
        self._lines.append((self._prefix() + line).rstrip())

    def _break_line(self) -> None:
        if any(piece.strip() for piece in self._line):
            self._end_line()
            return
        is_spaced = any("\xa0" in piece for piece in self._line)  # how an empty line is kept open
        self._line.clear()
        if is_spaced:
            self._blank_line()

    def _blank_line(self) -> None:
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(self._prefix().rstrip())


def _without_comments(html: str) -> str:
    """An unclosed comment ends at its first line's end, so that nothing after it is lost."""
    if "<!--" not in html:
        return html
    kept: list[str] = []
    at = 0
    while (start := html.find("<!--", at)) >= 0:
        kept.append(html[at:start])
        end = html.find("-->", start + 4)
        if end < 0:
            kept.append(html[start + 4 :].replace("<!--", ""))
            return "".join(kept)
        at = end + 3
    kept.append(html[at:])
    return "".join(kept)
