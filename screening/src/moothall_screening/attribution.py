"""A verdict's log-odds told sentence by sentence, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from moothall_screening import folding, wording
from moothall_screening.fast import FastJudge, Reading
from moothall_screening.features import Floats, Ints
from moothall_screening.signals import NAMES
from moothall_screening.stretches import sentences
from moothall_screening.verdict import Evidence
from moothall_screening.weights import Facts

Span = tuple[int, int]

_WORTH_TELLING = 0.2
_MOST_SENTENCES = 5
_MOST_MARKS = 100
_FORM_REASONS = {
    "host": "links or addresses of sites",
    "email": "e-mail addresses",
    "phone": "telephone numbers",
    "price": "prices",
    "percent": "percentages",
    "handle": "handles of accounts",
    "spaced": "letters set apart",
    "quote": "what it quotes",
    "question": "question marks",
    "exclamation": "exclamation marks",
    "capitals": "capital letters",
    "emoji": "emoji",
    "hidden": "invisible characters",
}
_MARKS = {
    "host": folding.HOST,
    "email": folding.EMAIL,
    "phone": folding.PHONE,
    "price": folding.PRICE,
}


def prior(judge: FastJudge, facts: Facts) -> float:
    """The calibrated log-odds of a text in which nothing stands."""
    return judge.promotion.bias * facts.slope + facts.intercept


def account(judge: FastJudge, reading: Reading, text: str, facts: Facts) -> tuple[list[Evidence], tuple[Span, ...]]:
    """What the fast judge found in the one text of a reading, and what is worth keeping; places are in `text`."""
    spans = sentences(text)
    found = judge.occurrences(reading, judge.promotion)
    shares = _by_sentence(spans, found.starts, found.values * facts.slope)
    form = reading.form[0] * judge.promotion.form * facts.slope
    evidence = [_usual(judge, facts), *_sentence_evidence(text, spans, shares), *_form_evidence(reading, form)]
    return evidence, _worth_keeping(text, spans, shares)


def account_in_brief(judge: FastJudge, reading: Reading, facts: Facts, whole: float) -> list[Evidence]:
    """The same sum as `account`, told in three lines without places: for texts that nobody will ask about.

    `whole` is that sum: the calibrated log-odds by the wording alone.
    """
    form = float((reading.form[0] * judge.promotion.form * facts.slope).sum())
    return [
        _usual(judge, facts),
        Evidence("wording", whole - prior(judge, facts) - form, "its wording"),
        Evidence("form", form, "its length and layout"),
    ]


def _usual(judge: FastJudge, facts: Facts) -> Evidence:
    return Evidence("prior", prior(judge, facts), "how posts in general turn out")


def _by_sentence(spans: Sequence[Span], starts: Ints, values: Floats) -> Floats:
    if not spans:
        return np.zeros(0)
    edges = np.array([start for start, _ in spans])
    at = np.maximum(0, np.searchsorted(edges, starts, side="right") - 1)
    shares: Floats = np.bincount(at, weights=values, minlength=len(spans)).astype(np.float64)
    return shares


def _sentence_evidence(text: str, spans: Sequence[Span], shares: Floats) -> list[Evidence]:
    order = np.argsort(-np.abs(shares), kind="stable")[:_MOST_SENTENCES].tolist()
    # An n-gram may begin in blanks between two sentences; nobody can be shown these.
    told = sorted(at for at in order if abs(shares[at]) >= _WORTH_TELLING and not text[slice(*spans[at])].isspace())
    evidence = []
    for place in told:
        start, end = spans[place]
        share = float(shares[place])
        reason = wording.offering(text[start:end]) if share > 0 else wording.sharing(text[start:end])
        evidence.append(Evidence("wording", share, reason, (_trimmed(text, start, end),)))
    rest = float(shares.sum() - shares[told].sum()) if len(shares) else 0.0
    evidence.append(Evidence("wording", rest, "the rest of its wording"))
    return evidence


def _form_evidence(reading: Reading, form: Floats) -> list[Evidence]:
    one = reading.texts
    told = [at for at in range(len(NAMES)) if NAMES[at] in _FORM_REASONS and abs(form[at]) >= _WORTH_TELLING]
    evidence = []
    for at in told:
        marks = one.offsets[one.codes == _MARKS.get(NAMES[at], -1)].tolist() if NAMES[at] in _MARKS else []
        spans = tuple((mark, mark + 1) for mark in marks[:_MOST_MARKS])
        evidence.append(Evidence("form", float(form[at]), _FORM_REASONS[NAMES[at]], spans))
    evidence.append(Evidence("form", float(form.sum() - form[told].sum()), "its length and layout"))
    return evidence


def _worth_keeping(text: str, spans: Sequence[Span], shares: Floats) -> tuple[Span, ...]:
    """The sentence that speaks most for a conversation, if one of some length does."""
    best = min(
        (at for at, (start, end) in enumerate(spans) if end - start >= 20 and len(text[start:end].strip()) >= 20),
        key=lambda place: shares[place],
        default=None,
    )
    if best is None or shares[best] > 0:
        return ()
    return (_trimmed(text, *spans[best]),)


def _trimmed(text: str, start: int, end: int) -> Span:
    stretch = text[start:end]
    return start + len(stretch) - len(stretch.lstrip()), end - len(stretch) + len(stretch.rstrip())
