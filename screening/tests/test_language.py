"""Which language a text is in: as the model says that the tables were made from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from moothall_screening.labelled import read_rows
from moothall_screening.language import UNKNOWN, identifier, language_of, languages_of
from moothall_screening.training.language import write

CORPUS = Path(__file__).parents[2] / "corpus" / "dev.jsonl"
ABROAD = {
    "de": "Wer kennt einen guten Schreiner für alte Fenster in der Nähe von Leipzig?",
    "fr": "Est-ce que quelqu'un connaît un bon menuisier pour de vieilles fenêtres ?",
    "pl": "Czy ktoś zna dobrego stolarza do starych okien w okolicach Łodzi?",
    "ru": "Кто знает хорошего столяра для старых окон рядом с Тулой?",
    "ja": "古い窓を直せる良い大工さんを知りませんか。京都の近くです。",
    "el": "Ξέρει κανείς έναν καλό ξυλουργό για παλιά παράθυρα κοντά στην Πάτρα;",
    "eu": "Norbaitek ezagutzen al du arotz onik leiho zaharretarako Donostia inguruan?",
}


@cache
def whole_model() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [row.candidate.text for row in read_rows(CORPUS)][:300]


def test_the_likeliest_language_is_that_of_the_whole_model(texts: list[str]) -> None:
    shown = [text[:200] for text in (*texts, *ABROAD.values(), "ALL IN CAPITALS, AND STILL ENGLISH", "\x00\ud800 ok")]
    whole = [whole_model().classify(text) for text in shown]
    told = list(identifier().identify(shown))
    assert [language for language, _ in told] == [language for language, _ in whole]
    assert [chance for _, chance in told] == pytest.approx([chance for _, chance in whole], abs=0.02)


@pytest.mark.parametrize(("language", "text"), ABROAD.items())
def test_a_sentence_tells_its_language(language: str, text: str) -> None:
    assert language_of(text) == language


def test_a_text_is_told_alone_as_among_others(texts: list[str]) -> None:
    assert languages_of(texts[:60]) == [language_of(text) for text in texts[:60]]


@pytest.mark.parametrize("text", ["", "ok", "12345 67890 12345 67890", "\x00" * 40, "😀" * 40])
def test_what_has_too_few_letters_is_of_no_language(text: str) -> None:
    assert language_of(text) == UNKNOWN


def test_the_tables_are_those_that_the_recipe_writes(tmp_path: Path) -> None:
    write(tmp_path)
    shown = [*ABROAD.values(), "Has anyone spliced a sole plate without taking the wall down?"]
    assert list(identifier(tmp_path).identify(shown)) == list(identifier().identify(shown))
