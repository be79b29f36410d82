"""The one thing callers use: texts in, verdicts out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from math import exp
from pathlib import Path

import numpy as np

from moothall_screening import duplicates, weights
from moothall_screening.attribution import account, account_in_brief
from moothall_screening.context import context
from moothall_screening.fast import Reading, in_chunks
from moothall_screening.features import Floats
from moothall_screening.group_model import Correction, Example, GroupModel, Trace
from moothall_screening.language import language_of
from moothall_screening.likeness import vector
from moothall_screening.standing import standing_evidence
from moothall_screening.surroundings import fit_log_odds, group_evidence, language_evidence, surroundings_evidence
from moothall_screening.verdict import Candidate, Evidence, Kind, Verdict

_STREAMED_AT_ONCE = 64

# What the wording says, and the places that are worth keeping.
Told = tuple[list[Evidence], tuple[tuple[int, int], ...]]


class Screener:
    """Judges candidates with the packaged weights, or with those of a folder that `moothall-screen train` wrote.

    It holds no state that changes, so threads may share one.
    """

    def __init__(self, folder: Path = weights.PACKAGED) -> None:
        self._judge, self._facts = weights.load(folder)
        self._folder = folder

    def __reduce__(self) -> tuple[Callable[[Path], Screener], tuple[Path]]:
        return (_loaded, (self._folder,))

    @property
    def version(self) -> str:
        return self._facts.version

    def screen(self, candidate: Candidate, group_model: GroupModel | None = None) -> Verdict:
        return self.screen_many([candidate], group_model)[0]

    def screen_many(
        self, candidates: Sequence[Candidate], group_model: GroupModel | None = None, *, told_from: float = 0.0
    ) -> list[Verdict]:
        """One verdict for each candidate, in order.

        Args:
            told_from: P(promotion) by the wording alone, 0 to 1. What is below is told in brief: the evidence of its
                wording is one line without places, and nothing is worth keeping. The probabilities stay the same. For
                archives, where most posts are genuine and nobody asks why.
        """
        verdicts: list[Verdict] = []
        for chunk in in_chunks([whole(candidate) for candidate in candidates]):
            first = len(verdicts)
            verdicts.extend(self._verdicts(candidates[first : first + len(chunk)], chunk, group_model, told_from))
        return verdicts

    def stream(self, candidates: Iterable[Candidate], group_model: GroupModel | None = None) -> Iterator[Verdict]:
        """Verdicts in the order of the candidates, a few at a time, without waiting for the last of them."""
        for verdict, _ in self.stream_pairs(candidates, group_model):
            yield verdict

    def stream_pairs(
        self, candidates: Iterable[Candidate], group_model: GroupModel | None = None
    ) -> Iterator[tuple[Verdict, Candidate]]:
        waiting: list[Candidate] = []
        for candidate in candidates:
            waiting.append(candidate)
            if len(waiting) == _STREAMED_AT_ONCE:
                yield from zip(self.screen_many(waiting, group_model), waiting, strict=True)
                waiting = []
        yield from zip(self.screen_many(waiting, group_model), waiting, strict=True)

    def promotions(self, texts: Sequence[str]) -> list[float]:
        """P(promotion) by the wording alone, many times faster than whole verdicts."""
        log_odds = self._judge.log_odds(texts) * self._facts.slope + self._facts.intercept
        chances: list[float] = (1.0 / (1.0 + np.exp(-log_odds))).tolist()
        return chances

    def learn(self, group_model: GroupModel, example: Example) -> None:
        group_model.learn(self._trace(example))

    def forget(self, group_model: GroupModel, example: Example) -> None:
        """Undoes one `learn` of the same example exactly."""
        group_model.forget(self._trace(example))

    def _trace(self, example: Example) -> Trace:
        text = f"{example.subject}\n{example.text}" if example.subject else example.text
        reading = self._judge.read([text])
        log_odds = float(self._judge.promotion.log_odds(reading)[0]) * self._facts.slope + self._facts.intercept
        return Trace.of(example, log_odds=log_odds, vector=vector(reading, 0))

    def _verdicts(
        self, candidates: Sequence[Candidate], texts: Sequence[str], group_model: GroupModel | None, told_from: float
    ) -> Iterator[Verdict]:
        reading = self._judge.read(texts)
        columns = context(self._judge, reading, candidates)
        kinds = np.stack([head.log_odds(reading) for head in self._judge.kinds], axis=1)
        by_wording = self._judge.promotion.log_odds(reading) * self._facts.slope + self._facts.intercept
        for place, candidate in enumerate(candidates):
            correction = group_model.correct(vector(reading, place)) if group_model else None
            one = reading.only(place)
            log_odds = float(by_wording[place])
            if logistic(log_odds) >= told_from:
                told: Told = account(self._judge, one, texts[place], self._facts)
            else:
                told = account_in_brief(self._judge, one, self._facts, log_odds), ()
            yield self._verdict(candidate, told, one, columns[place], kinds[place], correction)

    def _verdict(
        self,
        candidate: Candidate,
        told: Told,
        reading: Reading,
        columns: Floats,
        kinds: Floats,
        correction: Correction | None,
    ) -> Verdict:
        language = language_of(candidate.text)
        wording, worth_keeping = told
        evidence = [*wording, *language_evidence(language, wording, self._facts)]
        evidence += surroundings_evidence(candidate, columns, self._facts)
        if candidate.author:
            evidence.append(standing_evidence(candidate.author))
        if correction:
            evidence.append(group_evidence(correction))
        log_odds = sum(each.log_odds for each in evidence)
        shares = _kinds(log_odds, kinds)
        shift = len(candidate.subject) + 1 if candidate.subject else 0
        return Verdict(
            kind=max(shares, key=lambda kind: shares[kind]),
            kinds=shares,
            promotion=shares[Kind.PROMOTION],
            log_odds=log_odds,
            fit=_fit(candidate, columns, self._facts, correction),
            language=language,
            evidence=tuple(_moved(each, shift) for each in evidence),
            duplicate_keys=duplicates.keys(reading.texts.codes),
            worth_keeping=tuple((start - shift, end - shift) for start, end in worth_keeping),
            model_version=self._facts.version,
            id=candidate.id,
        )


@cache
def _loaded(folder: Path) -> Screener:
    """For what is unpickled: a process that is sent a screener with every question loads its weights once."""
    return Screener(folder)


def whole(candidate: Candidate) -> str:
    """Subject and text as one; places in it less the subject's length and one are places in the text."""
    return f"{candidate.subject}\n{candidate.text}" if candidate.subject else candidate.text


def logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + exp(-min(700.0, max(-700.0, log_odds))))


def _fit(candidate: Candidate, columns: Floats, facts: weights.Facts, correction: Correction | None) -> float:
    known = fit_log_odds(candidate, columns, facts, correction)
    return 1.0 if known is None else logistic(known)


def _kinds(log_odds: float, others: Floats) -> dict[Kind, float]:
    """Of the other kinds, each question was asked alone; their answers share what promotion leaves."""
    chances = 1.0 / (1.0 + np.exp(-others))
    shares = (chances / chances.sum()).tolist()
    promotion = logistic(log_odds)
    found: dict[Kind, float] = {Kind.PROMOTION: promotion}
    for kind, share in zip(weights.GENUINE, shares, strict=True):
        found[kind] = (1.0 - promotion) * share
    return found


def _moved(evidence: Evidence, shift: int) -> Evidence:
    if not evidence.spans:
        return evidence
    return replace(evidence, spans=tuple((start - shift, end - shift) for start, end in evidence.spans))
