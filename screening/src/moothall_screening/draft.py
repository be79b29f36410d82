"""What the fast judge says of one candidate, before anything else is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp

import numpy as np

from moothall_screening.attribution import account, account_in_brief, prior
from moothall_screening.context import context
from moothall_screening.fast import FastJudge, Reading
from moothall_screening.features import Floats
from moothall_screening.language import languages_of
from moothall_screening.surroundings import language_evidence, surroundings_evidence
from moothall_screening.verdict import Candidate, Evidence
from moothall_screening.weights import Facts


@dataclass(frozen=True)
class Draft:
    """`evidence` holds wording, form, language and surroundings; places in it are in `whole(candidate)`.

    Attributes
    ----------
    surroundings
        the columns of `context.NAMES`.
    kinds
        the shares of the other kinds among themselves, in the order of `weights.GENUINE`.
    """

    candidate: Candidate
    reading: Reading
    language: str
    evidence: tuple[Evidence, ...]
    worth_keeping: tuple[tuple[int, int], ...]
    surroundings: Floats
    kinds: Floats

    @cached_property
    def log_odds(self) -> float:
        return sum(each.log_odds for each in self.evidence)


def whole(candidate: Candidate) -> str:
    """Subject and text as one; places in it less the subject's length and one are places in the text."""
    return f"{candidate.subject}\n{candidate.text}" if candidate.subject else candidate.text


def logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + exp(-min(700.0, max(-700.0, log_odds))))


def drafts(
    judge: FastJudge, facts: Facts, candidates: Sequence[Candidate], texts: Sequence[str], told_from: float
) -> Iterator[Draft]:
    """One for each candidate; `texts` are their `whole`s, and `told_from` is as for `Screener.screen_many`."""
    reading = judge.read(texts)
    columns = context(judge, reading, candidates)
    chances = 1.0 / (1.0 + np.exp(-np.stack([head.log_odds(reading) for head in judge.kinds], axis=1)))
    languages = languages_of([candidate.text for candidate in candidates])
    by_wording = judge.promotion.log_odds(reading) * facts.slope + facts.intercept
    for place, candidate in enumerate(candidates):
        one = reading.only(place)
        log_odds = float(by_wording[place])
        language = languages[place]
        around = (
            *language_evidence(language, log_odds - prior(judge, facts), facts),
            *surroundings_evidence(candidate, columns[place], facts),
        )
        if logistic(log_odds + sum(each.log_odds for each in around)) >= told_from:
            wording, worth_keeping = account(judge, one, texts[place], facts)
        else:
            wording, worth_keeping = account_in_brief(judge, one, facts, log_odds), ()
        # Each of the other kinds was asked alone; their answers share what promotion leaves.
        shares = chances[place] / chances[place].sum()
        yield Draft(candidate, one, language, (*wording, *around), worth_keeping, columns[place], shares)
