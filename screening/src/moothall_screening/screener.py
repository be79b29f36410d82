"""The one thing callers use: texts in, verdicts out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import exp
from pathlib import Path

import numpy as np

from moothall_screening import duplicates, weights
from moothall_screening.attribution import Account, account
from moothall_screening.fast import Reading, in_chunks
from moothall_screening.fit import Interest
from moothall_screening.verdict import Candidate, Evidence, Kind, Verdict

_STREAMED_AT_ONCE = 64


class Screener:
    """Judges candidates with the packaged weights, or with those of a folder that `moothall-screen train` wrote.

    It holds no state that changes, so threads may share one.
    """

    def __init__(self, folder: Path = weights.PACKAGED) -> None:
        self._judge, self._facts = weights.load(folder)
        self._folder = folder

    def __reduce__(self) -> tuple[type[Screener], tuple[Path]]:
        return (Screener, (self._folder,))

    @property
    def version(self) -> str:
        return self._facts.version

    def screen(self, candidate: Candidate) -> Verdict:
        return self.screen_many([candidate])[0]

    def screen_many(self, candidates: Sequence[Candidate]) -> list[Verdict]:
        texts = [whole(candidate) for candidate in candidates]
        verdicts: list[Verdict] = []
        for chunk in in_chunks(texts):
            reading = self._judge.read(chunk)
            first = len(verdicts)
            verdicts.extend(self._verdicts(candidates[first : first + len(chunk)], chunk, reading))
        return verdicts

    def stream(self, candidates: Iterable[Candidate]) -> Iterator[Verdict]:
        """Verdicts in the order of the candidates, without waiting for the last of them."""
        waiting: list[Candidate] = []
        for candidate in candidates:
            waiting.append(candidate)
            if len(waiting) == _STREAMED_AT_ONCE:
                yield from self.screen_many(waiting)
                waiting.clear()
        yield from self.screen_many(waiting)

    def promotions(self, texts: Sequence[str]) -> list[float]:
        """P(promotion) alone, by the fast judge, many times faster than whole verdicts."""
        log_odds = self._judge.log_odds(texts) * self._facts.slope + self._facts.intercept
        chances: list[float] = (1.0 / (1.0 + np.exp(-log_odds))).tolist()
        return chances

    def _verdicts(self, candidates: Sequence[Candidate], texts: Sequence[str], reading: Reading) -> Iterator[Verdict]:
        genuine = np.stack([head.log_odds(reading) for head in self._judge.kinds], axis=1)
        genuine = np.exp(genuine - genuine.max(axis=1, keepdims=True))
        genuine /= genuine.sum(axis=1, keepdims=True)
        for place, (candidate, text) in enumerate(zip(candidates, texts, strict=True)):
            told = account(self._judge, reading, place, text, self._facts)
            yield self._verdict(candidate, told, genuine[place].tolist(), reading, place)

    def _verdict(
        self, candidate: Candidate, told: Account, genuine: list[float], reading: Reading, place: int
    ) -> Verdict:
        shift = len(candidate.subject) + 1 if candidate.subject else 0
        evidence = tuple(_moved(each, shift) for each in told.evidence)
        log_odds = sum(each.log_odds for each in evidence)
        promotion = logistic(log_odds)
        kinds = {kind: (1.0 - promotion) * share for kind, share in zip(weights.GENUINE, genuine, strict=True)}
        kinds[Kind.PROMOTION] = promotion
        one = reading.texts.only(place)
        return Verdict(
            kind=max(kinds, key=lambda kind: kinds[kind]),
            kinds=kinds,
            promotion=promotion,
            log_odds=log_odds,
            fit=Interest(candidate, self._judge, self._facts).fit_of(one),
            language="und",
            evidence=evidence,
            duplicate_keys=duplicates.keys(one.codes),
            worth_keeping=tuple((start - shift, end - shift) for start, end in told.worth_keeping),
            model_version=self._facts.version,
            id=candidate.id,
        )


def whole(candidate: Candidate) -> str:
    """Subject and text as one; places in it less the subject's length and one are places in the text."""
    return f"{candidate.subject}\n{candidate.text}" if candidate.subject else candidate.text


def logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + exp(-min(700.0, max(-700.0, log_odds))))


def _moved(evidence: Evidence, shift: int) -> Evidence:
    spans = tuple((start - shift, end - shift) for start, end in evidence.spans)
    return Evidence(evidence.source, evidence.log_odds, evidence.reason, spans)
