"""Tell in plain words what one text reads as, and why."""

from __future__ import annotations

import argparse
import sys

from moothall_screening.cli import asking
from moothall_screening.cli.telling import for_people, shows_colours
from moothall_screening.screener import Screener
from moothall_screening.verdict import Candidate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", help="the text; standard input if left out")
    parser.add_argument("--subject", default="")
    parser.add_argument("--parent", help="the post that it answers")
    parser.add_argument("--purpose", help="what the group says it is for")
    parser.add_argument("--rule", action="append", default=[], help="a rule of the group; may be given again")
    asking.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    text = _given() if options.text is None else options.text
    if not text.strip() and not options.subject.strip():
        raise NothingToExplainError
    candidate = Candidate(
        text=text,
        subject=options.subject,
        parent=options.parent,
        group_purpose=options.purpose,
        rules=tuple(options.rule),
    )
    verdict = Screener(options.weights, second_opinion=asking.end_point(options)).screen(candidate)
    print(for_people(coloured=shows_colours(sys.stdout))(candidate, verdict), end="")
    return 0


def _given() -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace") if sys.stdin is not None else ""  # None: it was closed


class NothingToExplainError(ValueError):
    """There is neither text nor subject."""

    def __init__(self) -> None:
        super().__init__("there is no text: give one as an argument or on standard input")
