"""What one group has taught: a small correction on top of the frozen judge.

The examples themselves are kept, as short vectors; the correction is a function of the set of them alone, a support
vector machine in its dual form whose margin starts from the frozen judge's log-odds. So only examples that the
judge gets wrong or is unsure of weigh anything, forgetting one is exact, merging is a union, and no example can
move any text by more than its own strength. See C.-J. Hsieh et al., "A dual coordinate descent method for
large-scale linear SVM" (2008).
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any
from zlib import compress, crc32, decompressobj, error

import numpy as np
import numpy.typing as npt

from moothall_screening.acceptance import Accepted, Nearness
from moothall_screening.features import Floats
from moothall_screening.likeness import DIMENSIONS, EMBEDDING_WIDTH, alikeness, unit_rows

MOST_EXAMPLES = 600

_FORMAT = 1
_MARGIN = 3.0
_PASSES = 8
_LIMIT = 8.0  # of the whole correction, in log-odds
_WEAK_LIMIT = 1.5  # of what one author's posts left standing can do together
_NEAR = 0.35
_WIDEST = DIMENSIONS + EMBEDDING_WIDTH
_INTERCEPT_SHARE = 0.02  # of every example's weight, for all texts of the group alike

Vector = npt.NDArray[np.int8]


class Strength(Enum):
    """How far one example may move a text like it, in log-odds."""

    DECISION = 6.0
    LEFT_STANDING = 0.6


@dataclass(frozen=True, slots=True)
class Example:
    """One thing a group taught: that a text is a promotion to it, or is welcome.

    `is_outright` marks an advert of somebody who only advertises; no other example ever leaves its group.
    """

    text: str
    is_promotion: bool
    subject: str = ""
    id: str = ""
    strength: Strength = Strength.DECISION
    is_outright: bool = False
    author: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """An example as it is kept: no text, only what it does."""

    key: str
    id: str
    is_promotion: bool
    strength: Strength
    is_outright: bool
    author: int
    log_odds: float
    vector: bytes

    @staticmethod
    def of(example: Example, *, log_odds: float, vector: Floats) -> Trace:
        """The trace of an example that the frozen judge gives `log_odds`."""
        return Trace(
            key=_key(example),
            id=example.id,
            is_promotion=example.is_promotion,
            strength=example.strength,
            is_outright=example.is_outright and example.is_promotion,
            author=_number(_author(example)),
            log_odds=round(log_odds, 4),
            vector=packed_vector(vector).tobytes(),
        )


def _author(example: Example) -> str:
    return example.author or f"{example.id}\0{example.text}"


def _key(example: Example) -> str:
    flags = f"{example.is_promotion}\0{example.is_outright}\0{example.strength.name}"
    terms = f"{example.id}\0{_author(example)}\0{flags}"
    words = f"{example.subject}\0{example.text}"
    return f"{_number(words):08x}{_number(terms):08x}"


def _number(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))


def packed_vector(vector: Floats) -> Vector:
    top = float(np.abs(vector).max()) or 1.0
    return np.rint(vector * (127.0 / top)).astype(np.int8)


@dataclass(frozen=True, slots=True)
class _Solved:
    """The traces in the order of their keys, with what was fitted to them."""

    traces: tuple[Trace, ...]
    vectors: npt.NDArray[np.float32]
    weights: Floats
    intercept: float
    accepted: Accepted

    @staticmethod
    def of(traces: tuple[Trace, ...], weights: Floats) -> _Solved:
        vectors = _vectors(traces)
        accepted = Accepted.of(vectors[[not each.is_promotion for each in traces]])
        return _Solved(traces, vectors, weights, float(weights.sum() * _INTERCEPT_SHARE), accepted)


@dataclass(slots=True, eq=False)
class _Taught:
    """A set of examples by their keys, each with how often it was learnt, which never changes; and what fits it."""

    examples: Mapping[str, tuple[Trace, int]]
    _solved: _Solved | None = None

    def solved(self) -> _Solved:
        if self._solved is None:
            self._solved = _solve(tuple(trace for trace, _ in self.examples.values()))
        return self._solved


@dataclass(frozen=True, slots=True)
class Correction:
    """What a group's teaching adds to one text's log-odds, the nearest example, and how near accepted posts are."""

    log_odds: float
    nearest: Trace | None
    nearness: float
    to_accepted: Nearness | None


class GroupModel:
    """Safe to read from many threads while one teaches it: the examples and what fits them are replaced whole."""

    __slots__ = ("_taught",)

    def __init__(self) -> None:
        self._taught = _Taught({})

    def __len__(self) -> int:
        return len(self._taught.examples)

    def learn(self, trace: Trace) -> None:
        """Beyond `MOST_EXAMPLES` the weakest are dropped, and can then no longer be forgotten."""
        examples = _with(self._taught.examples, [(trace, 1)])
        if len(examples) > MOST_EXAMPLES:
            del examples[min(examples, key=lambda key: (examples[key][0].strength.value, key))]
        self._taught = _Taught(examples)

    def forget(self, trace: Trace) -> None:
        """Undoes one `learn` of the same example exactly; unknown examples change nothing."""
        examples = dict(self._taught.examples)
        if trace.key not in examples:
            return
        known, times = examples.pop(trace.key)
        if times > 1:
            examples[trace.key] = known, times - 1
        self._taught = _Taught(examples)

    def trace_of(self, example: Example) -> Trace | None:
        """What is kept of an example, if it was learnt."""
        known = self._taught.examples.get(_key(example))
        return known[0] if known else None

    def merge(self, other: GroupModel) -> None:
        """Takes in all that the other learnt; the order of merging changes nothing."""
        self._taught = _Taught(_with(self._taught.examples, other._taught.examples.values()))

    def shareable(self) -> GroupModel:
        """What other groups may be told: outright adverts that a manager decided on, without their ids."""
        told = [
            (replace(trace, id="", author=0), times)
            for trace, times in self._taught.examples.values()
            if trace.is_outright and trace.strength is Strength.DECISION
        ]
        return GroupModel._holding(_Taught(_with({}, told)))

    def correct(self, vector: Floats) -> Correction:
        solved = self._taught.solved()
        if not solved.traces:
            return Correction(0.0, None, 0.0, None)
        if len(vector) != solved.vectors.shape[1]:
            raise ForeignGroupModelError(len(vector))
        text = unit_rows(packed_vector(vector)[None, :])
        alike = alikeness(solved.vectors, text)[:, 0]
        moved = float(alike @ solved.weights) + solved.intercept
        nearest = int(np.argmax(alike))
        near = float(alike[nearest])
        return Correction(
            log_odds=max(-_LIMIT, min(_LIMIT, moved)),
            nearest=solved.traces[nearest] if near >= _NEAR else None,
            nearness=near,
            to_accepted=solved.accepted.nearness(text[0]),
        )

    def to_bytes(self) -> bytes:
        """JSON without texts: one to two kilobytes an example."""
        taught = self._taught
        solved = taught.solved()
        weights = solved.weights.tolist()
        rows = [_row(trace, taught.examples[trace.key][1]) for trace in solved.traces]
        return json.dumps({"format": _FORMAT, "traces": rows, "weights": weights}, separators=(",", ":")).encode()

    @staticmethod
    def from_bytes(stored: bytes) -> GroupModel:
        """
        Raises
        ------
        ForeignGroupModelError
            Another version of the screener taught it.
        DamagedGroupModelError
            It was cut off or changed, or is something else.
        """
        try:
            return GroupModel._holding(_stored(json.loads(stored)))
        except ForeignGroupModelError:
            raise
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, error) as broken:
            raise DamagedGroupModelError from broken

    @staticmethod
    def _holding(taught: _Taught) -> GroupModel:
        model = GroupModel()
        model._taught = taught
        return model


def _with(
    examples: Mapping[str, tuple[Trace, int]], added: Iterable[tuple[Trace, int]]
) -> dict[str, tuple[Trace, int]]:
    found = dict(examples)
    for trace, times in added:
        known = found.get(trace.key, (trace, 0))
        other = next(iter(found.values()), known)[0]
        if len(other.vector) != len(trace.vector):
            raise ForeignGroupModelError(len(trace.vector))
        found[trace.key] = trace, known[1] + times
    return found


class ForeignGroupModelError(ValueError):
    """A group model that was taught by another version of the screener; teach the group's decisions anew."""

    def __init__(self, found: object) -> None:
        super().__init__(f"taught by another version of the screener ({found!r}): teach the group's decisions anew")


class DamagedGroupModelError(ValueError):
    """Bytes that are no whole group model."""

    def __init__(self) -> None:
        super().__init__("this is no group model, or was cut off or changed: teach the group's decisions anew")


def _stored(content: dict[str, Any]) -> _Taught:
    if content.get("format") != _FORMAT:
        raise ForeignGroupModelError(content.get("format"))
    examples = _with({}, map(_trace, content["traces"]))
    weights = np.array(content["weights"], dtype=np.float64)
    if weights.shape != (len(examples),) or not np.isfinite(weights).all():
        raise DamagedGroupModelError
    return _Taught(examples, _Solved.of(tuple(trace for trace, _ in examples.values()), weights))


def _row(trace: Trace, times: int) -> list[str | int | float]:
    flags = int(trace.is_promotion) | 2 * int(trace.is_outright)
    return [
        trace.id,
        flags,
        trace.strength.name,
        trace.author,
        trace.log_odds,
        trace.key,
        times,
        b64encode(compress(trace.vector, 9)).decode(),
    ]


def _trace(row: list[str | int | float]) -> tuple[Trace, int]:
    id_, flags, strength, author, log_odds, key, times, vector = row
    trace = Trace(
        key=str(key),
        id=str(id_),
        is_promotion=bool(int(flags) & 1),
        strength=Strength[str(strength)],
        is_outright=bool(int(flags) & 2),
        author=int(author),
        log_odds=float(log_odds),
        vector=_unpacked(b64decode(str(vector))),
    )
    return trace, int(times)


def _unpacked(stored: bytes) -> bytes:
    """No more than a vector has, however much was packed: models of other places are read too."""
    packed = decompressobj()
    vector = packed.decompress(stored, _WIDEST + 1)
    if not packed.eof or len(vector) not in (DIMENSIONS, _WIDEST):
        raise DamagedGroupModelError
    return vector


def _solve(traces: tuple[Trace, ...]) -> _Solved:
    ordered = tuple(sorted(traces, key=lambda each: each.key))
    vectors = _vectors(ordered)
    signs = np.array([1.0 if each.is_promotion else -1.0 for each in ordered])
    limits = np.array(_limits(ordered))
    start = signs * np.array([each.log_odds for each in ordered])
    kernel = alikeness(vectors, vectors) + _INTERCEPT_SHARE
    weights = _ascend(kernel * np.outer(signs, signs), start, limits) * signs
    return _Solved.of(ordered, np.round(weights, 6))


def _vectors(traces: Sequence[Trace]) -> npt.NDArray[np.float32]:
    stored = np.frombuffer(b"".join(each.vector for each in traces), dtype=np.int8)
    return unit_rows(stored.reshape(len(traces), -1) if traces else stored.reshape(0, DIMENSIONS))


def _ascend(kernel: Floats, start: Floats, limits: Floats) -> Floats:
    """Dual coordinate ascent for a hinge at `_MARGIN`, in the fixed order of the rows."""
    weights = np.zeros(len(start))
    margins = start.copy()
    diagonal = np.diagonal(kernel)
    for _ in range(_PASSES):
        for place in range(len(start)):
            wanted = weights[place] + (_MARGIN - margins[place]) / diagonal[place]
            step = min(limits[place], max(0.0, wanted)) - weights[place]
            if step:
                weights[place] += step
                margins += step * kernel[place]
    return weights


def _limits(traces: Iterable[Trace]) -> list[float]:
    """Each example's strength; what one author's posts left standing weigh is shared between them."""
    ordered = list(traces)
    left: dict[int, int] = {}
    for each in ordered:
        if each.strength is Strength.LEFT_STANDING:
            left[each.author] = left.get(each.author, 0) + 1
    return [
        min(each.strength.value, _WEAK_LIMIT / left[each.author])
        if each.strength is Strength.LEFT_STANDING
        else each.strength.value
        for each in ordered
    ]
