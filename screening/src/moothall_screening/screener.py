"""The one thing callers use: texts in, verdicts out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from moothall_screening import duplicates, weights
from moothall_screening.closer import Closer
from moothall_screening.draft import Draft, drafts, logistic, whole
from moothall_screening.fast import in_chunks
from moothall_screening.features import Floats
from moothall_screening.group_model import Correction, Example, GroupModel, Trace
from moothall_screening.language import UNKNOWN, identifier
from moothall_screening.likeness import joined, vector
from moothall_screening.second_opinion import EndPoint, SecondOpinion
from moothall_screening.stack import CloseReading, Stack
from moothall_screening.standing import standing_evidence
from moothall_screening.surroundings import fit_log_odds, group_evidence, of_a_wide_interest, stated_log_odds
from moothall_screening.verdict import Candidate, Evidence, Kind, Verdict

_STREAMED_AT_ONCE = 64


class Screener:
    """Judges candidates with the packaged weights, or with those of a folder that `moothall-screen train` wrote.

    The fast judge reads everything; what it leaves in doubt is read closely by the sentence model, if the folder holds
    one and the extra `sentence` is installed. It holds no state that changes, so threads may share one.

    Args:
        folder: Where the weights are.
        closely: False leaves the sentence model out.
        second_opinion: A language model nearby that is asked about what stays in doubt.
    """

    def __init__(
        self, folder: Path = weights.PACKAGED, *, closely: bool = True, second_opinion: EndPoint | None = None
    ) -> None:
        self._judge, self._facts = weights.load(folder)
        self._closer = Closer.in_folder(folder) if closely else None
        self._second_opinion = SecondOpinion(second_opinion) if second_opinion else None
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[Path, bool, EndPoint | None]]:
        asked = self._second_opinion.end_point if self._second_opinion else None
        return _screener, (self.folder, self._closer is not None, asked)

    @property
    def version(self) -> str:
        return f"{self._facts.version}+{self._closer.judge.version}" if self._closer else self._facts.version

    @property
    def reads_closely(self) -> bool:
        return self._closer is not None

    def load(self) -> None:
        """Read now what is otherwise read with the first text that needs it.

        Raises:
            DamagedFileError: A file was cut off or changed.
            OSError: A file is missing or may not be read.
        """
        identifier()
        if self._closer is not None:
            self._closer.judge.engine()

    def screen(self, candidate: Candidate, group_model: GroupModel | None = None) -> Verdict:
        return self.screen_many([candidate], group_model)[0]

    def screen_many(
        self,
        candidates: Sequence[Candidate],
        group_model: GroupModel | None = None,
        *,
        told_from: float = 0.0,
        closely: bool = True,
    ) -> list[Verdict]:
        """One verdict for each candidate, in order.

        Args:
            told_from: P(promotion) by the fast judge and what surrounds the post, 0 to 1. What is below is told in
                brief: the evidence of its wording is one line without places, and nothing is worth keeping. The
                probabilities stay the same. For archives, where most posts are genuine and nobody asks why.
            closely: False leaves even the doubtful to the fast judge alone, many times faster; the verdicts then name
                its version alone.
        """
        version = self.version if closely else self._facts.version
        verdicts: list[Verdict] = []
        for chunk in in_chunks([whole(candidate) for candidate in candidates]):
            first = len(verdicts)
            together = candidates[first : first + len(chunk)]
            drafted = list(drafts(self._judge, self._facts, together, chunk, told_from))
            readings = self._close_readings(drafted, group_model) if closely else [None] * len(drafted)
            verdicts.extend(
                replace(self._verdict(draft, close, group_model, is_asked=closely), model_version=version)
                for draft, close in zip(drafted, readings, strict=True)
            )
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
        """P(promotion) by the fast judge and the wording alone, many times faster than whole verdicts."""
        log_odds = self._judge.log_odds(texts) * self._facts.slope + self._facts.intercept
        chances: list[float] = (1.0 / (1.0 + np.exp(-log_odds))).tolist()
        return chances

    def is_wide(self, purpose: str) -> bool:
        """Whether a group's stated interest admits nearly every post; False without the sentence model."""
        if self._closer is None:
            return False
        embedding = self._closer.judge.purpose_embedding(purpose).astype(np.float64)
        return self._closer.stack.is_wide(embedding)

    def learn(self, group_model: GroupModel, example: Example) -> None:
        group_model.learn(self.traces([example])[0])

    def forget(self, group_model: GroupModel, example: Example) -> None:
        """Undoes one `learn` of the same example exactly."""
        group_model.forget(self.traces([example])[0])

    def traces(self, examples: Sequence[Example]) -> list[Trace]:
        """What `GroupModel.learn` keeps of these examples; each is read closely."""
        candidates = [Candidate(example.text, subject=example.subject) for example in examples]
        found: list[Trace] = []
        for chunk in in_chunks([whole(candidate) for candidate in candidates]):
            together = candidates[len(found) : len(found) + len(chunk)]
            drafted = list(drafts(self._judge, self._facts, together, chunk, 1.0))
            readings = self._closer.read(together) if self._closer else [None] * len(together)
            for draft, close in zip(drafted, readings, strict=True):
                told = self._told(draft, close)
                found.append(Trace.of(examples[len(found)], log_odds=told, vector=self._vector(draft, close)))
        return found

    def _told(self, draft: Draft, close: CloseReading | None) -> float:
        """Log-odds by both judges, or by the fast one alone where nothing was read closely."""
        if not self._closer or not close:
            return draft.log_odds
        return self._closer.stack.log_odds(draft.log_odds, close, self._known(draft))

    def _known(self, draft: Draft) -> float:
        """The share for which a close reading counts: less in a language that neither judge has learnt."""
        is_learnt = not self._closer or draft.language in (*self._closer.stack.languages, UNKNOWN)
        return 1.0 if is_learnt else self._facts.other_language

    def _close_readings(
        self, drafted: Sequence[Draft], group_model: GroupModel | None
    ) -> Sequence[CloseReading | None]:
        """What a group has taught is about meanings too, so in such a group all are read closely."""
        if self._closer is None:
            return [None] * len(drafted)
        taught = bool(group_model)
        wanted = [
            place
            for place, draft in enumerate(drafted)
            if whole(draft.candidate).strip() and (taught or self._closer.stack.is_doubtful(draft.log_odds))
        ]
        read = self._closer.read([drafted[place].candidate for place in wanted])
        by_place = dict(zip(wanted, read, strict=True))
        return [by_place.get(place) for place in range(len(drafted))]

    def _vector(self, draft: Draft, close: CloseReading | None) -> Floats:
        letters = vector(draft.reading, 0)
        if self._closer is None:
            return letters
        return joined(letters, self._closer.stack.meaning(close) if close else None)

    def _verdict(
        self, draft: Draft, close: CloseReading | None, group_model: GroupModel | None, *, is_asked: bool
    ) -> Verdict:
        """`is_asked`: whether a second opinion may be."""
        candidate = draft.candidate
        shift = len(candidate.subject) + 1 if candidate.subject else 0
        evidence = [_moved(each, shift) for each in draft.evidence]
        kinds = draft.kinds
        if self._closer and close:
            evidence = _beside_a_close_reading(evidence, self._closer.stack, draft.log_odds)
            if self._closer.stack.is_wide(close.purpose_embedding):
                evidence = [of_a_wide_interest(each) for each in evidence]
            found = self._closer.evidence(candidate, close, asked_why=self._told(draft, close) > 0.0)
            evidence.extend(replace(each, log_odds=each.log_odds * self._known(draft)) for each in found)
            kinds = self._closer.stack.shares(kinds, close)
        if self._second_opinion and is_asked:
            opinion = self._second_opinion.ask(candidate, sum(each.log_odds for each in evidence))
            evidence.extend([opinion] if opinion else [])
        if candidate.author:
            evidence.append(standing_evidence(candidate.author))
        correction = group_model.correct(self._vector(draft, close)) if group_model else None
        if correction:
            evidence.append(group_evidence(correction))
        log_odds = sum(each.log_odds for each in evidence)
        shares = _kinds(logistic(log_odds), kinds)
        return Verdict(
            kind=max(shares, key=lambda kind: shares[kind]),
            kinds=shares,
            promotion=shares[Kind.PROMOTION],
            log_odds=log_odds,
            fit=self._fit(draft, close, correction),
            language=draft.language,
            evidence=tuple(evidence),
            duplicate_keys=duplicates.keys(draft.reading.texts.codes),
            worth_keeping=tuple((start - shift, end - shift) for start, end in draft.worth_keeping),
            id=candidate.id,
        )

    def _fit(self, draft: Draft, close: CloseReading | None, correction: Correction | None) -> float:
        if self._closer and close and np.isfinite(close.fit):
            stated: float | None = self._closer.stack.stated_log_odds(draft.surroundings[3:], close)
        else:
            stated = stated_log_odds(draft.candidate, draft.surroundings, self._facts)
        welcome = self._closer.stack.welcome if self._closer else self._facts.welcome
        known = fit_log_odds(stated, correction.to_accepted if correction else None, welcome)
        return 1.0 if known is None else logistic(known)


@cache
def _screener(folder: Path, closely: bool, second_opinion: EndPoint | None) -> Screener:
    """For what is unpickled: a process that is sent a screener with every question loads its weights once."""
    return Screener(folder, closely=closely, second_opinion=second_opinion)


def _kinds(promotion: float, others: Floats) -> dict[Kind, float]:
    found: dict[Kind, float] = {Kind.PROMOTION: promotion}
    for kind, share in zip(weights.GENUINE, others.tolist(), strict=True):
        found[kind] = (1.0 - promotion) * share
    return found


def _beside_a_close_reading(evidence: Sequence[Evidence], stack: Stack, fast: float) -> list[Evidence]:
    """What is left of the fast judge's, whose log-odds are `fast`; its first is the prior."""
    share = stack.fast_share(fast)
    prior, *others = (replace(each, log_odds=each.log_odds * share) for each in evidence)
    return [replace(prior, log_odds=prior.log_odds + stack.usual_beside(share)), *others]


def _moved(evidence: Evidence, shift: int) -> Evidence:
    if not evidence.spans:
        return evidence
    return replace(evidence, spans=tuple((start - shift, end - shift) for start, end in evidence.spans))
