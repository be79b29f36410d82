"""The fast judge: one linear model over hashed n-grams and signals of form, for promotion and for the other kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from moothall_screening.features import BITS, Floats, Grams, Ints, Texts, char_grams, read, segment_sums, word_grams
from moothall_screening.signals import signals

Table = npt.NDArray[np.float32]
Terms = npt.NDArray[np.complex64]

_CHUNK_CHARACTERS = 60_000
SHORT = 256  # folded codepoints
_CHUNK_TEXTS = 1 << (31 - BITS)
_BUCKET = np.uint32((1 << BITS) - 1)


@dataclass(frozen=True, slots=True)
class Steps:
    """A table as it is stored: int8 or uint8, in steps of `size`; a quarter of the memory of float32."""

    table: npt.NDArray[np.int8] | npt.NDArray[np.uint8]
    size: np.float32

    def take(self, places: npt.NDArray[np.integer]) -> Table:
        return self.table.take(places) * self.size


Weights = Table | Steps


@dataclass(frozen=True, slots=True)
class Family:
    """N-grams of one sort in some texts, each distinct one once a text, with its weight before any table's."""

    buckets: npt.NDArray[np.uint32]
    weights: Floats
    edges: Ints

    def dot(self, table: Weights) -> Floats:
        """For each text the sum of the table's entries, weighted."""
        return segment_sums(table.take(self.buckets) * self.weights, self.edges)

    def only(self, text: int) -> Family:
        own = slice(self.edges[text], self.edges[text + 1])
        buckets = self.buckets[own]
        return Family(buckets, self.weights[own], np.array([0, len(buckets)]))


@dataclass(frozen=True, slots=True)
class Reading:
    """Some texts read once, for all the tables that judge them."""

    texts: Texts
    char: Family
    word: Family
    form: Floats

    def only(self, text: int) -> Reading:
        return Reading(self.texts.only(text), self.char.only(text), self.word.only(text), self.form[text : text + 1])


@dataclass(frozen=True, slots=True)
class Head:
    """The weights of one linear question."""

    bias: float
    char: Weights
    word: Weights
    form: Floats

    def log_odds(self, reading: Reading) -> Floats:
        total: Floats = self.bias + reading.char.dot(self.char) + reading.word.dot(self.word) + reading.form @ self.form
        return total


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Each n-gram's share of the log-odds of one text, where it stands: codepoints of the text as given."""

    values: Floats
    starts: Ints


class FastJudge:
    def __init__(
        self, *, promotion: Head, kinds: Sequence[Head], char_rarity: Weights, word_rarity: Weights, usual_form: Floats
    ) -> None:
        """`usual_form` is what the signals of form come to on average: only what departs from it counts."""
        self.promotion = promotion
        self.kinds = tuple(kinds)
        self.usual_form = usual_form
        self.char_rarity = char_rarity
        self.word_rarity = word_rarity

    @cached_property
    def _char_terms(self) -> Terms:
        return _terms(self.promotion.char, self.char_rarity)

    @cached_property
    def _word_terms(self) -> Terms:
        return _terms(self.promotion.word, self.word_rarity)

    def read(self, texts: Sequence[str]) -> Reading:
        found = read(texts)
        char = family(found, char_grams(found), self.char_rarity)
        word = family(found, word_grams(found), self.word_rarity)
        return Reading(found, char, word, signals(found) - self.usual_form)

    def log_odds(self, texts: Sequence[str]) -> Floats:
        """Of promotion, for each text, uncalibrated; short texts, which need no sorting of n-grams, go together."""
        found = np.zeros(len(texts))
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        for places, judge in (
            (np.flatnonzero(lengths < SHORT), self._log_odds_of_short),
            (np.flatnonzero(lengths >= SHORT), self._log_odds_of_any),
        ):
            chosen = [texts[place] for place in places.tolist()]
            if chosen:
                found[places] = np.concatenate([judge(chunk) for chunk in in_chunks(chosen)])
        return found

    def _log_odds_of_any(self, texts: Sequence[str]) -> Floats:
        return self.promotion.log_odds(self.read(texts))

    def _log_odds_of_short(self, texts: Sequence[str]) -> Floats:
        """The same sums as for any text, n-gram by n-gram as they come."""
        found = read(texts)
        char = _as_they_come(found.bounds, char_grams(found), self._char_terms)
        word = _as_they_come(found.bounds, word_grams(found), self._word_terms)
        form = (signals(found) - self.usual_form) @ self.promotion.form
        total: Floats = self.promotion.bias + char + word + form
        return total

    def occurrences(self, reading: Reading, head: Head) -> Occurrences:
        """Where the n-grams of the one text of a reading stand, and what each adds to the head's log-odds."""
        one = reading.texts
        char = _spread(char_grams(one), reading.char, head.char)
        word = _spread(word_grams(one), reading.word, head.word)
        starts = one.offsets[np.concatenate((char.starts, word.starts))]
        return Occurrences(np.concatenate((char.values, word.values)), starts)


def family(texts: Texts, grams: Sequence[Grams], rarity: Weights) -> Family:
    """In long texts the repeats of an n-gram count less and less; in short ones each counts alike."""
    keys = _sorted_keys(texts, grams)
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if keys.size else np.zeros(0, np.int64)
    counts = np.diff(np.append(first, len(keys)))
    keys = keys[first]
    edges = np.searchsorted(keys, np.arange(len(texts) + 1, dtype=np.uint32) << np.uint32(BITS))
    buckets = keys & _BUCKET
    is_short = np.repeat(np.diff(texts.bounds) <= SHORT, np.diff(edges))
    rare = rarity.take(buckets)
    weights: Floats = np.where(is_short, counts, 1.0 + np.log(counts)).astype(np.float64, copy=False) * rare
    power = weights * np.where(is_short, rare, weights)
    norm = np.sqrt(np.maximum(segment_sums(power, edges), 1.0))
    return Family(buckets, weights / np.repeat(norm, np.diff(edges)), edges)


def _sorted_keys(texts: Texts, grams: Sequence[Grams]) -> npt.NDArray[np.uint32]:
    """Text and hash of each n-gram in one number; sorted text by text, which takes half the time of all at once."""
    cuts = np.stack([np.searchsorted(each.starts, texts.bounds) for each in grams])
    ends = cuts.sum(axis=0)
    keys = np.empty(int(ends[-1]), dtype=np.uint32)
    for text, (start, end) in enumerate(pairwise(ends.tolist())):
        own = keys[start:end]
        parts = zip(grams, cuts[:, text].tolist(), cuts[:, text + 1].tolist(), strict=True)
        np.concatenate([each.hashes[first:last] for each, first, last in parts], out=own)
        own.sort()
        own |= np.uint32(text << BITS)
    return keys


def whole_table(weights: Weights) -> Table:
    return weights.take(np.arange(1 << BITS))


def _terms(weights: Weights, rarity: Weights) -> Terms:
    """Two numbers in one, so that one look-up fetches both."""
    rare = whole_table(rarity)
    return (whole_table(weights) * rare + 1j * rare**2).astype(np.complex64)


def _as_they_come(bounds: Ints, grams: Sequence[Grams], terms: Terms) -> Floats:
    """What `Family.dot` gives for short texts, from terms that hold an entry and its squared rarity."""
    total = np.zeros(len(bounds) - 1, dtype=np.complex128)
    for each in grams:
        total += segment_sums(terms.take(each.hashes).astype(np.complex128), np.searchsorted(each.starts, bounds))
    result: Floats = total.real / np.sqrt(np.maximum(total.imag, 1.0))
    return result


def _spread(grams: Sequence[Grams], found: Family, table: Weights) -> Occurrences:
    hashes = np.concatenate([each.hashes for each in grams])
    starts = np.concatenate([each.starts for each in grams])
    # Each of the hashes is among the buckets, so no other entry is read.
    place_of = np.empty(1 << BITS, dtype=np.int32)
    place_of[found.buckets] = np.arange(len(found.buckets), dtype=np.int32)
    place = place_of.take(hashes)
    counts = np.bincount(place, minlength=len(found.buckets))
    values = found.weights * table.take(found.buckets) / np.maximum(counts, 1)
    return Occurrences(values[place], starts)


def in_chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Neighbouring texts in runs of about a size that stays in the processor's cache."""
    ends = [0]
    total = 0
    for place, text in enumerate(texts):
        total += len(text)
        if total > _CHUNK_CHARACTERS or place - ends[-1] >= _CHUNK_TEXTS - 2:
            ends.append(place + 1)
            total = 0
    ends.append(len(texts))
    for first, last in pairwise(ends):
        if first < last:
            yield texts[first:last]
