"""How well fit tells a post's own community from another, by the purpose alone and as accepted posts are taught.

Measured on the dev parts of two public sets of pairs; the accepted posts come from the train parts of the sets that
those were made of, and no measured post is among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moothall_screening.features import Flags, Floats
from moothall_screening.group_model import Example, GroupModel
from moothall_screening.inputs import candidate_of
from moothall_screening.labelled import read_json_lines
from moothall_screening.measures import auc, calibration_error, interval
from moothall_screening.screener import Screener
from moothall_screening.verdict import Candidate

SETS = {"reddit_relevance_pairs": "reddit_communities", "list_relevance_pairs": "mailing_list_topics"}
ACCEPTED = (0, 8, 30)
_BELONG = 9  # Nine posts in ten belong where they stand: what the calibration of fit assumes.
_SEED = 2026


@dataclass(frozen=True, slots=True)
class Pair:
    """A post beside a community that is its own, or another (`negative` says how that was chosen)."""

    candidate: Candidate
    fits: bool
    negative: str
    community: str
    home: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Posts that each community accepted, as many as were asked for and no more; none of them is measured."""

    by_community: dict[str, list[Example]]

    @staticmethod
    def drawn(folder: Path, name: str, pairs: Sequence[Pair]) -> Accepted:
        measured = {pair.candidate.text for pair in pairs}
        known: dict[str, list[Candidate]] = {pair.community: [] for pair in pairs}
        for raw in read_json_lines(folder / SETS[name] / "train.jsonl.gz"):
            if raw["group"] in known and raw["text"] not in measured:
                known[raw["group"]].append(candidate_of(raw))
        random = np.random.default_rng(_SEED)
        return Accepted({community: _examples(known[community], random) for community in sorted(known)})


def _examples(posts: Sequence[Candidate], random: np.random.Generator) -> list[Example]:
    order = random.permutation(len(posts))[: max(ACCEPTED)].tolist()
    return [
        Example(posts[place].text, False, subject=posts[place].subject, id=posts[place].id or "") for place in order
    ]


def read_pairs(folder: Path, name: str) -> list[Pair]:
    return [
        Pair(candidate_of(raw), raw["label"] == "on_topic", raw["negative"] or "", raw["group"], raw["true_group"])
        for raw in read_json_lines(folder / name / "dev.jsonl.gz")
    ]


def report(screener: Screener, folder: Path) -> Iterator[str]:
    """Lines of a table for each set and each number of accepted posts."""
    for name in SETS:
        pairs = read_pairs(folder, name)
        accepted = Accepted.drawn(folder, name, pairs)
        for count, fits in fits_by_accepted(screener, pairs, accepted).items():
            told = f"purpose and up to {count} accepted posts" if count else "purpose alone"
            yield f"{name}, {told}"
            yield from _lines(pairs, fits)


def fits_by_accepted(screener: Screener, pairs: Sequence[Pair], accepted: Accepted) -> dict[int, Floats]:
    """For each number of `ACCEPTED` the fit of each pair."""
    found = {count: np.zeros(len(pairs)) for count in ACCEPTED}
    of_community: dict[str, list[int]] = defaultdict(list)
    for place, pair in enumerate(pairs):
        of_community[pair.community].append(place)
    for community, places in of_community.items():
        traces = screener.traces(accepted.by_community[community])
        for count, fits in found.items():
            model = GroupModel()
            for trace in traces[:count]:
                model.learn(trace)
            verdicts = screener.screen_many([pairs[place].candidate for place in places], model, told_from=1.0)
            fits[places] = [verdict.fit for verdict in verdicts]
    return found


def _lines(pairs: Sequence[Pair], fits: Floats) -> Iterator[str]:
    labels = np.array([pair.fits for pair in pairs])
    negatives = np.array([pair.negative for pair in pairs])
    homes = np.unique([pair.home for pair in pairs], return_inverse=True)[1].astype(np.int64)
    yield _auc_line("all", labels, fits, homes)
    for negative in sorted(set(negatives[~labels].tolist())):
        chosen = labels | (negatives == negative)
        yield _auc_line(f"against {negative}", labels[chosen], fits[chosen], homes[chosen])
    weighed = _as_in_life(labels)
    error = interval(calibration_error, labels[weighed], fits[weighed], homes[weighed])
    yield f"  calibration error, weighed as if nine in ten belonged: {error}"


def _auc_line(name: str, labels: Flags, fits: Floats, homes: npt.NDArray[np.int64]) -> str:
    return f"  {name:28} {len(labels):5} pairs  AUC {interval(auc, labels, fits, homes)}"


def _as_in_life(labels: Flags) -> npt.NDArray[np.int64]:
    """Places with those that belong so often repeated that they are nine in ten."""
    times = max(1, round(_BELONG * (~labels).sum() / max(1, labels.sum())))
    return np.repeat(np.arange(len(labels)), np.where(labels, times, 1))
