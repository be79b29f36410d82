"""What the group, the post answered and the language add to the wording."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from moothall_screening.acceptance import USUAL_FIT, Nearness, Welcome, log_odds_of
from moothall_screening.context import parent_of, purpose_of
from moothall_screening.features import Floats
from moothall_screening.group_model import Correction, Strength
from moothall_screening.language import UNKNOWN
from moothall_screening.verdict import Candidate, Evidence
from moothall_screening.weights import Facts

FIT = "fit"
_FEW_LETTERS = 0.08
_WORTH_TELLING = 0.1  # of a group's correction, in log-odds
_TOGETHER = {True: "turned away", False: "let stand"}


def language_evidence(language: str, told: float, facts: Facts) -> list[Evidence]:
    """Takes back most of what the wording told, in log-odds, where the judge has not learnt the language."""
    if language in facts.languages or language == UNKNOWN:
        return []
    reason = f"written in a language we know little of ({language}), so its wording counts for less"
    return [Evidence("language", told * (facts.other_language - 1.0), reason)]


def surroundings_evidence(candidate: Candidate, columns: Floats, facts: Facts) -> list[Evidence]:
    values = (columns * np.array(facts.context)).tolist()
    found = []
    if parent_of(candidate):
        shares_words = columns[1] > 0.0
        told = "takes up words of the post it answers" if shares_words else "answers a post without taking up its words"
        found.append(Evidence("answer", sum(values[:3]), told))
    if purpose_of(candidate):
        near = columns[4] >= _FEW_LETTERS
        told = "keeps to the group's stated interest" if near else "says little of the group's stated interest"
        found.append(Evidence(FIT, sum(values[3:]), told))
    return found


def of_a_wide_interest(evidence: Evidence) -> Evidence:
    """Nobody can keep to an interest that admits nearly everything, or fail to."""
    if evidence.source != FIT:
        return evidence
    return replace(evidence, reason="the group's stated interest is so wide that nearly every post belongs")


def group_evidence(correction: Correction) -> Evidence:
    return Evidence("group", correction.log_odds, _told(correction))


def _told(correction: Correction) -> str:
    """The nearest decision may pull the other way than all of them together, or not at all."""
    nearest, is_told = correction.nearest, abs(correction.log_odds) >= _WORTH_TELLING
    if is_told and nearest is None:
        return (
            f"close to no single decision of this group, and more like what it {_TOGETHER[correction.log_odds > 0.0]}"
        )
    if is_told and nearest and nearest.is_promotion is not (correction.log_odds > 0.0):
        less, more = (_TOGETHER[each] for each in (correction.log_odds <= 0.0, correction.log_odds > 0.0))
        return f"on the whole more like what this group {more} than what it {less}"
    if nearest is None:
        return "unlike anything this group has decided on"
    which = f" ({nearest.id})" if nearest.id else ""
    if nearest.is_promotion:
        return f"close to an offer that this group turned away{which}"
    if nearest.strength is Strength.LEFT_STANDING:
        return f"close to a post that this group left standing{which}"
    return f"close to a post that this group accepted{which}"


def stated_log_odds(candidate: Candidate, columns: Floats, facts: Facts) -> float | None:
    """Of fit, by the words of the purpose alone; None where none is stated."""
    if not purpose_of(candidate):
        return None
    return float(columns[3:] @ np.array(facts.fit)) + facts.fit_intercept


def fit_log_odds(stated: float | None, nearness: Nearness | None, welcome: Welcome) -> float | None:
    """None where nothing says what the group is for: no interest is stated, and nothing was accepted."""
    if nearness is None:
        return stated
    return welcome.log_odds(log_odds_of(USUAL_FIT) if stated is None else stated, nearness)
