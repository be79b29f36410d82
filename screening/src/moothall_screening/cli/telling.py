"""Verdicts as lines for programs and as paragraphs for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from os import environ
from typing import TextIO

from moothall_screening.draft import whole
from moothall_screening.verdict import Candidate, Evidence, Kind, Verdict

_OFFER, _KEEP, _FAINT, _PLAIN = "\033[33m", "\033[32m", "\033[2m", "\033[0m"
_WORTH_SHOWING = 0.1


def shows_colours(stream: TextIO | None) -> bool:
    """Whether it is a terminal that does, and nobody asked it not to (no-color.org); None where it is closed."""
    is_asked_not_to = environ.get("NO_COLOR") or environ.get("TERM") == "dumb"
    return stream is not None and stream.isatty() and not is_asked_not_to


def for_programs(_candidate: Candidate, verdict: Verdict) -> str:
    said = {
        "id": verdict.id,
        "kind": verdict.kind,
        "kinds": {kind: round(share, 4) for kind, share in verdict.kinds.items()},
        "promotion": round(verdict.promotion, 4),
        "fit": round(verdict.fit, 4),
        "language": verdict.language,
        "evidence": [_rounded(each) for each in verdict.evidence],
        "duplicate_keys": verdict.duplicate_keys,
        "worth_keeping": verdict.worth_keeping,
        "model_version": verdict.model_version,
    }
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def _rounded(evidence: Evidence) -> dict[str, object]:
    return asdict(evidence) | {"log_odds": round(evidence.log_odds, 4)}


def for_people(*, coloured: bool) -> Callable[[Candidate, Verdict], str]:
    def tell(candidate: Candidate, verdict: Verdict) -> str:
        lines = [_headline(candidate, verdict)]
        strongest = sorted(verdict.evidence, key=lambda each: -abs(each.log_odds))
        lines.extend(_line(each, coloured=coloured) for each in strongest if abs(each.log_odds) >= _WORTH_SHOWING)
        lines.extend(f"  worth keeping: {_quoted(candidate, start, end)}" for start, end in verdict.worth_keeping)
        return "\n".join(lines) + "\n"

    return tell


def _headline(candidate: Candidate, verdict: Verdict) -> str:
    of_hundred = round(100 * verdict.promotion)
    reads = "an offer" if verdict.kind is Kind.PROMOTION else f"{_article(verdict.kind)} {verdict.kind}"
    name = _printable(verdict.id or candidate.subject or candidate.text[:50])
    return f"{name}\n  reads as {reads}; {of_hundred} of 100 posts like this were offers"


def _line(evidence: Evidence, *, coloured: bool) -> str:
    colour = _OFFER if evidence.log_odds > 0 else _KEEP
    told = _printable(evidence.reason)
    if not coloured:
        return f"  {evidence.log_odds:+.2f}  {told}"
    return f"  {colour}{evidence.log_odds:+.2f}{_PLAIN}  {told} {_FAINT}({evidence.source}){_PLAIN}"


def _quoted(candidate: Candidate, start: int, end: int) -> str:
    shift = len(candidate.subject) + 1 if candidate.subject else 0
    return _printable(whole(candidate)[start + shift : end + shift])


def _printable(text: str) -> str:
    """On one line, without anything that a terminal would obey."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _article(kind: Kind) -> str:
    return "an" if kind[0] in "aeiou" else "a"
