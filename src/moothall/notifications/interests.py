"""Whether a text asks for what somebody knows: pure functions of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

READ_LETTERS = 4000
_WORD = re.compile(r"[^\W_]+")
Words = frozenset[str]


def words(text: str) -> Words:
    """Without case, accents and the plural's s.

    >>> sorted(words("Lime plasters, façades"))
    ['facade', 'lime', 'plaster']
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text[:READ_LETTERS]) if not unicodedata.combining(c))
    return frozenset(_singular(word) for word in _WORD.findall(plain.casefold()))


def known(knows: Iterable[str]) -> tuple[Words, ...]:
    return tuple(found for tag in knows if (found := words(tag)))


def asks_for(said: Words, knows: Iterable[Words]) -> bool:
    """Every word of something known occurs."""
    return any(tag <= said for tag in knows)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
