"""What goes into a digest: chosen, not dumped. Pure, so that hypothesis may try it everywhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from moothall.discussions.models import Lane
from moothall.notifications.interests import Words, asks_for

MOST = 15
MOST_ASKED = 3
MOST_WAITING = 5
MOST_OF_A_SIDE_LANE = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation with something new in the window. `worth` orders: people who talk, then people it helped.

    `is_late`: new is only that it may be mailed; those who had it before something kept it back need it no more.
    """

    topic_id: int
    author_id: int
    lane: Lane
    said: Words
    is_waiting: bool
    worth: tuple[int, int, int]
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """What one member wants in this digest; `lanes` are those that they asked for at this pace."""

    profile_id: int
    knows: tuple[Words, ...]
    lanes: frozenset[Lane]
    muted_topics: frozenset[int] = frozenset()
    muted_people: frozenset[int] = frozenset()
    told_topics: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Chosen:
    """`asked`, the topics that ask for what the reader knows, are the first of `topics`."""

    topics: tuple[int, ...]
    asked: tuple[int, ...]


def choose(candidates: Sequence[Candidate], reader: Reader) -> Chosen:
    """`candidates` come in the order of their worth, the best first."""
    wanted = [candidate for candidate in candidates if _is_wanted(candidate, reader)]
    talk = [candidate for candidate in wanted if candidate.lane == Lane.DISCUSSIONS]
    asked = [c.topic_id for c in talk if c.is_waiting and asks_for(c.said, reader.knows)][:MOST_ASKED]
    waiting = [c.topic_id for c in talk if c.is_waiting and c.topic_id not in asked][:MOST_WAITING]
    side = _side(wanted)
    best = [c.topic_id for c in talk if not c.is_waiting]
    room = MOST - len(asked) - len(waiting) - len(side)
    return Chosen(tuple(asked + waiting + best[:room] + side), tuple(asked))


def _is_wanted(candidate: Candidate, reader: Reader) -> bool:
    return (
        candidate.lane in reader.lanes
        and candidate.topic_id not in reader.muted_topics
        and candidate.author_id not in reader.muted_people
        and not (candidate.is_late and candidate.topic_id in reader.told_topics)
        and not (candidate.author_id == reader.profile_id and candidate.worth[0] <= 1)
    )


def _side(wanted: Sequence[Candidate]) -> list[int]:
    lanes: Collection[Lane] = (Lane.PROMOTIONS, Lane.JOBS)
    return [id_ for lane in lanes for id_ in [c.topic_id for c in wanted if c.lane == lane][:MOST_OF_A_SIDE_LANE]]


@dataclass(frozen=True, slots=True)
class OfGroup:
    """What was chosen of one group, by kind, each the best first."""

    asked: tuple[int, ...]
    waiting: tuple[int, ...]
    talk: tuple[int, ...]
    side: tuple[int, ...]


def together(groups: Sequence[OfGroup]) -> frozenset[int]:
    """What one mail for all groups has room for: as much of each kind as in one group's mail, the groups in turn."""
    kept: list[int] = []
    for kind, most in (("asked", MOST_ASKED), ("waiting", MOST_WAITING), ("side", 2 * MOST_OF_A_SIDE_LANE)):
        kept += _in_turn([getattr(group, kind) for group in groups])[:most]
    kept += _in_turn([group.talk for group in groups])[: MOST - len(kept)]
    return frozenset(kept)


def _in_turn(lists: Sequence[Sequence[int]]) -> list[int]:
    return [id_ for row in zip_longest(*lists) for id_ in row if id_ is not None]
