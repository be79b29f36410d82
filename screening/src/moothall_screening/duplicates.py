"""Keys that near-duplicates share: MinHash over the letters of a text, in bands.

Spaces, punctuation, emoji, figures and addresses are left out, so that tricks with them change nothing; and so are
Latin vowels, for which figures stand in a disguise ("fr33 qu0t3"). See A. Broder, "On the resemblance and containment
of documents" (1997).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from moothall_screening import folding
from moothall_screening.features import letters_of

BANDS = 24
ROWS = 3
# Six consonants are about ten letters.
_SHINGLE = 6
_FEWEST_LETTERS = 24
# Shorter texts have so few groups of letters that unlike ones share some by chance: they have one key, of the whole.
_FEWEST_IN_BANDS = 48
_VOWELS = np.array([ord(vowel) for vowel in "aeiou"], dtype=np.uint32)
_SEED = 20_260_101
_AT_ONCE = 1 << 14

_random = np.random.default_rng(_SEED)
_FACTORS = _random.integers(1, 1 << 63, size=BANDS * ROWS, dtype=np.uint64) | np.uint64(1)
_OFFSETS = _random.integers(1, 1 << 63, size=BANDS * ROWS, dtype=np.uint64)
_BAND_FACTORS = _random.integers(1, 1 << 63, size=(BANDS, ROWS), dtype=np.uint64) | np.uint64(1)
_STEP = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)


def keys(codes: folding.Codes) -> tuple[int, ...]:
    """At most `BANDS` numbers of 63 bits for one folded text; none for a text with too few letters to tell."""
    letters = letters_of(codes)
    kept = letters[~np.isin(letters, _VOWELS)].astype(np.uint64)
    if len(letters) < _FEWEST_LETTERS or len(kept) < _SHINGLE:
        return ()
    if len(letters) < _FEWEST_IN_BANDS:
        return _as_keys(_shingles(kept, len(kept)))
    lowest = _lowest(_shingles(kept, _SHINGLE))
    return _as_keys((lowest.reshape(BANDS, ROWS) * _BAND_FACTORS).sum(axis=1, dtype=np.uint64))


def _as_keys(numbers: npt.NDArray[np.uint64]) -> tuple[int, ...]:
    mixed = numbers ^ (numbers >> np.uint64(31))
    return tuple((mixed * _MIX >> np.uint64(1)).tolist())


def _shingles(letters: npt.NDArray[np.uint64], size: int) -> npt.NDArray[np.uint64]:
    """A hash of each group of so many letters that follow each other."""
    count = len(letters) - size + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(size):
        hashes = (hashes ^ letters[place : place + count]) * _STEP
    hashes ^= hashes >> np.uint64(32)
    return hashes * _MIX


def _lowest(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The least value of each hash function; some functions at once, so that their values stay in the cache."""
    step = max(1, _AT_ONCE // len(hashes))
    found = []
    for first in range(0, BANDS * ROWS, step):
        some = slice(first, first + step)
        mixed = np.multiply.outer(_FACTORS[some], hashes)
        mixed += _OFFSETS[some, None]
        mixed ^= mixed >> np.uint64(32)
        mixed *= _MIX
        found.append(mixed.min(axis=1))
    return np.concatenate(found)
