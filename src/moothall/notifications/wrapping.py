"""Plain text as mail programs show it: lines of at most 72, links and quotes left whole."""

from __future__ import annotations

import re
import textwrap

WIDTH = 72
_MARK = re.compile(r"- |\d{1,6}\. ")


def wrapped(text: str, *, indent: str = "") -> str:
    """Each line by itself; a line that quotes or is indented, or is one long word, stays as it is."""
    return "\n".join(_line(line, indent) for line in text.strip("\n").split("\n"))


def _line(line: str, indent: str) -> str:
    if not line.strip() or line.startswith((">", " ")):
        return f"{indent}{line}".rstrip()
    mark = _MARK.match(line)
    return textwrap.fill(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + " " * len(mark[0] if mark else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )
