"""A text in Markdown as its readers see it, character for character, since a judge's marks must fit what was typed.

Whoever writes to be judged by other words than those that are read hides them where a judge looks away: in quotations
of nothing, below the mark of a signature, in characters by number (`&#111;`), in emphasis within a word.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from moothall_screening.quoting import MARK

# Shows nothing, and whoever judges passes over it.
_NOTHING = "\u200b"
_BY_NUMBER_OR_NAME = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Of other signs, honest texts have some by name, such as &amp; and &nbsp;.
_TELLING = frozenset("@.:/-+%>£$€")
_MARK = re.compile(r"(?<=\w)(?:[*`]{1,3}|~~)(?=\w)|\\(?=[!-/:-@\[-`{-~])")
_QUOTED = re.compile(r"[ \t]{0,4}(?:>[ \t]?)+")
# Of a longer quotation the rest counts as the author's own, since each line is sought in all that was said before.
_MOST_QUOTED = 500
_LONG = 16


def seen(text: str, before: Collection[str] = ()) -> str:
    """As long as the text, its words at the same places.

    Args:
        before: what was said in the conversation. Lines that quote it are left out; all other quotations are the
            author's choice of words. A text that is nothing but quotation is left as it is.
    """
    shown = _MARK.sub(_nothing, _BY_NUMBER_OR_NAME.sub(_shown, text))
    own = _own_lines(shown, _squeezed("\n".join(before)))
    return own if own.strip() else shown


def _shown(found: re.Match[str]) -> str:
    written = found.group()
    sign = html.unescape(written)
    if len(sign) != 1 or not (sign.isalnum() or sign in _TELLING):
        return written
    return sign + _NOTHING * (len(written) - 1)


def _nothing(found: re.Match[str]) -> str:
    return _NOTHING * len(found.group())


def _own_lines(text: str, before: str) -> str:
    kept: list[str] = []
    for is_quoted, run in groupby(text.split("\n"), key=lambda line: _QUOTED.match(line) is not None):
        lines = list(run)
        if is_quoted:
            kept += _unless_said(lines, before)
        else:
            kept += [" " * len(line) if MARK.fullmatch(line) else line for line in lines]
    return "\n".join(kept)


def _unless_said(lines: Sequence[str], before: str) -> Iterator[str]:
    """Without their marks; blank where they were said before, all of them in a row or a longer one by itself."""
    all_said = _squeezed("\n".join(lines)) in before
    for place, line in enumerate(lines):
        words = _squeezed(line)
        # Of single letters and figures, anything can be put together.
        is_said = all_said or (len(words) >= _LONG and place < _MOST_QUOTED and words in before)
        yield " " * len(line) if is_said else _QUOTED.sub(_blank, line, count=1)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _squeezed(text: str) -> str:
    """Lines break elsewhere once they are quoted."""
    return "".join(_QUOTED.sub("", text).replace(_NOTHING, "").split()).casefold()
