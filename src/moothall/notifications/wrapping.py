"""Plain text as mail programs show it: lines of at most 72, links and quotes left whole."""

from __future__ import annotations

import textwrap

WIDTH = 72


def wrapped(text: str, *, indent: str = "") -> str:
    """Each line by itself; a line that quotes, or is one long word, stays as it is."""
    return "\n".join(_line(line, indent) for line in text.strip("\n").split("\n"))


def _line(line: str, indent: str) -> str:
    if not line.strip() or line.startswith(">"):
        return f"{indent}{line}".rstrip()
    return textwrap.fill(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
