"""The language of a text, and whether the judge has learnt enough of it."""

from __future__ import annotations

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNKNOWN = "und"

_ENOUGH = 300  # letters tell a language long before that; twice as many cost twice the time
_SURE = 0.8
_FEWEST_LETTERS = 12


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def language_of(text: str) -> str:
    """ISO 639 code; `und` where the text is too short or too mixed to tell."""
    shown = text[:_ENOUGH]
    if sum(map(str.isalpha, shown)) < _FEWEST_LETTERS:
        return UNKNOWN
    language, chance = _identifier().classify(shown)
    return str(language) if chance >= _SURE else UNKNOWN
