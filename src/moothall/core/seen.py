"""A text in Markdown as its readers see it, character for character, since a judge's marks must fit what was typed.

Whoever writes to be judged by other words than those that are read hides them where a judge looks away: in quotations
of nothing, below the mark of a signature, in characters by number (`&#111;`), in emphasis within a word.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection

# Shows nothing, and whoever judges passes over it.
_NOTHING = "\u200b"
_BY_NUMBER_OR_NAME = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Of other signs, honest texts have some by name, such as &amp; and &nbsp;.
_TELLING = frozenset("@.:/-+%>£$€")
_MARK = re.compile(r"(?<=\w)(?:[*`]{1,3}|~~)(?=\w)|\\(?=[!-/:-@\[-`{-~])")
_QUOTED = re.compile(r"[ \t]{0,4}(?:>[ \t]?)+")
_SIGNATURE = re.compile(r"--[ \t]*")
# Of more quoted lines the rest counts as the author's own: each is sought in all that was said before.
_MOST_QUOTED = 500


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
    lines = text.split("\n")
    tries = 0
    for place, line in enumerate(lines):
        if quoted := _QUOTED.match(line):
            words = line[quoted.end() :]
            tries += 1
            is_said_before = bool(before) and tries <= _MOST_QUOTED and _squeezed(words) in before
            lines[place] = " " * (len(line) if is_said_before else quoted.end()) + ("" if is_said_before else words)
        elif _SIGNATURE.fullmatch(line):
            lines[place] = " " * len(line)
    return "\n".join(lines)


def _squeezed(text: str) -> str:
    """Lines break elsewhere once they are quoted."""
    return "".join(_QUOTED.sub("", text).replace(_NOTHING, "").split()).casefold()
