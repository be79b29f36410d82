"""The language of a text, and whether the judge has learnt enough of it.

Naive Bayes over n-grams of bytes, with the weights of py3langid 0.4: see M. Lui and T. Baldwin, "langid.py: An
Off-the-shelf Language Identification Tool" (2012). That package unpacks 70 MB into each process, for half a second;
here the same weights, in steps of 0.05, lie in a file that all processes map, and many texts are looked up at once.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moothall_screening.damage import named
from moothall_screening.features import Ints

UNKNOWN = "und"
FOLDER = Path(__file__).parent / "data" / "language"
GRAMS, WEIGHTS, FACTS = "grams.npz", "weights.npy", "facts.json"
NO_WEIGHTS = -1

_ENOUGH = 300  # letters tell nearly every language; twice as many cost twice the time
_SURE = 0.8
_GLANCE = 100  # letters that do where they leave no doubt: of 11,800 texts, 9 were told otherwise by 300
_CERTAIN = 0.97
_FEWEST_LETTERS = 12

LONGEST = 6  # bytes of an n-gram
Keys = npt.NDArray[np.uint64]
Table = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grams:
    """N-grams of bytes, read from their last byte to their first, in alphabetical order; the empty one is the first.

    Attributes
    ----------
    keys
        `LONGEST` bytes from the highest on, nought where an n-gram is shorter, and its length in the lowest.
    rows
        where its weights stand; below nought it has none, but stands in the way of shorter ones.
    shorter
        the place of the longest n-gram that it ends with.
    """

    keys: Keys
    rows: Ints
    shorter: Ints

    def longest(self, codes: npt.NDArray[np.uint8]) -> Ints:
        """For each byte after the first `LONGEST` - 1 the place of the longest n-gram that ends there."""
        count = len(codes) - LONGEST + 1
        asked = np.zeros(count, dtype=np.uint64)
        for back in range(LONGEST):
            start = LONGEST - 1 - back
            asked |= codes[start : start + count].astype(np.uint64) << np.uint64(56 - 8 * back)
        # What precedes it in the order begins with it, or with something that begins with less of it.
        found = np.searchsorted(self.keys, asked | np.uint64(LONGEST), side="right") - 1
        left = np.arange(count)
        while left.size:
            here = self.keys[found[left]]
            differing = (asked[left] ^ here) >> (np.uint64(64) - np.uint64(8) * (here & np.uint64(7)))
            left = left[(differing != 0) & (here != 0)]
            found[left] = self.shorter[found[left]]
        return found


@dataclass(frozen=True, slots=True)
class Identifier:
    """What is known of languages.

    Attributes
    ----------
    weights
        uint8, (n_rows, n_labels), in steps of `step`: log P(n-gram | language) less what all languages share.
    prior
        float32, (n_labels,).
    labels
        ISO 639 codes; what is written in two scripts stands there twice.
    """

    grams: Grams
    weights: npt.NDArray[np.uint8]
    step: float
    prior: Table
    labels: tuple[str, ...]

    def identify(self, texts: Sequence[str]) -> Iterator[tuple[str, float]]:
        """The likeliest language of each text, and how sure that is, 0 to 1."""
        encoded = [_encoded(text) for text in texts]
        shares = self._shares(encoded)
        for first, place in self._repeated():
            shares[:, first] += shares[:, place]
            shares[:, place] = 0.0
        best = shares.argmax(axis=1)
        for row, place in enumerate(best.tolist()):
            yield self.labels[place], float(shares[row, place])

    def _shares(self, encoded: Sequence[bytes]) -> Table:
        edges, rows, counts = self._counted(encoded)
        damped = np.log1p(counts).astype(np.float32) * np.float32(self.step)
        scores = np.zeros((len(encoded), len(self.labels)), dtype=np.float32)
        for text, (start, end) in enumerate(pairwise(edges.tolist())):
            if start < end:
                scores[text] = damped[start:end] @ self.weights[rows[start:end]].astype(np.float32) + self.prior
        # The square root keeps long texts from seeming surer than they are.
        scores /= np.sqrt([[max(1, len(each))] for each in encoded])
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)

    def _counted(self, encoded: Sequence[bytes]) -> tuple[Ints, Ints, Ints]:
        """The rows of each text between two edges, each distinct one once, and how often it stands there."""
        apart = bytes(LONGEST - 1)
        codes = np.frombuffer(b"".join(apart + each for each in encoded), dtype=np.uint8)
        rows = self.grams.rows[self.grams.longest(codes)]
        of_text = np.repeat(np.arange(len(encoded)), [len(apart) + len(each) for each in encoded])[len(apart) :]
        size = len(self.weights)
        distinct, counts = np.unique((of_text * size + rows)[rows >= 0], return_counts=True)
        return np.searchsorted(distinct, np.arange(len(encoded) + 1) * size), distinct % size, counts

    def _repeated(self) -> Iterator[tuple[int, int]]:
        for place, label in enumerate(self.labels):
            if self.labels.index(label) < place:
                yield self.labels.index(label), place


@cache
def identifier(folder: Path = FOLDER) -> Identifier:
    with named(folder / FACTS):
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    # numpy leaves a file open that it cannot read.
    with named(folder / GRAMS), (folder / GRAMS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        grams = Grams(arrays["keys"], arrays["rows"].astype(np.int64), arrays["shorter"].astype(np.int64))
    with named(folder / WEIGHTS):
        weights = np.asarray(np.load(folder / WEIGHTS, mmap_mode="r", allow_pickle=False))
    prior = np.array(facts["prior"], dtype=np.float32)
    return Identifier(grams, weights, facts["step"], prior, tuple(facts["labels"]))


def language_of(text: str) -> str:
    """ISO 639 code; `und` where the text is too short or too mixed to tell."""
    return languages_of([text])[0]


def languages_of(texts: Sequence[str]) -> list[str]:
    """As `language_of`, of many at once. First they are glanced at; of what that leaves in doubt more is read."""
    texts = [text.strip() for text in texts]
    told = _told([text[:_GLANCE] for text in texts], [_CERTAIN if len(text) > _GLANCE else _SURE for text in texts])
    doubtful = [place for place, text in enumerate(texts) if told[place] == UNKNOWN and len(text) > _GLANCE]
    read_on = _told([texts[place][:_ENOUGH] for place in doubtful], [_SURE] * len(doubtful))
    for place, language in zip(doubtful, read_on, strict=True):
        told[place] = language
    return told


def _told(shown: Sequence[str], sure: Sequence[float]) -> list[str]:
    told = [UNKNOWN] * len(shown)
    asked = [place for place, text in enumerate(shown) if sum(map(str.isalpha, text)) >= _FEWEST_LETTERS]
    if not asked:
        return told
    for place, (language, chance) in zip(asked, identifier().identify([shown[at] for at in asked]), strict=True):
        if chance >= sure[place]:
            told[place] = language
    return told


def _encoded(text: str) -> bytes:
    text = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
