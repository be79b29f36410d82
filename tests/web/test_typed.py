"""`web/typed.py` names the fields in which people write sentences; here it is held to the forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django import forms
from django.urls import get_resolver

import moothall
from moothall.web.search.forms import SearchForm
from moothall.web.typed import LABELS

# Names, addresses and the like are shorter, and typed again in a moment.
SENTENCE_LENGTH = 100
WRITTEN_BY_HAND = re.compile(r"<textarea\b[^>]*>|<input\b(?![^>]*\btype=)[^>]*>")
NAME = re.compile(r'\bname="(\w+)"')


def forms_of_the_web(kind: type[forms.Form] = forms.Form) -> Iterator[type[forms.Form]]:
    """Those that are posted: what one searched for stands in the address."""
    for form in kind.__subclasses__():
        if form.__module__.startswith("moothall.web.") and form is not SearchForm:
            yield form
        yield from forms_of_the_web(form)


def takes_sentences(field: forms.Field) -> bool:
    if not isinstance(field, forms.CharField) or isinstance(field, forms.EmailField):
        return False
    return field.max_length is None or field.max_length > SENTENCE_LENGTH


def fields_of_forms() -> set[str]:
    assert get_resolver().url_patterns  # every view is imported, and with it every form
    fields = [item for form in forms_of_the_web() for item in form.base_fields.items()]
    return {name for name, field in fields if takes_sentences(field)}


def fields_of_templates() -> set[str]:
    pages = Path(moothall.__file__).parent.rglob("templates/**/*.html")
    tags = [tag for page in pages for tag in WRITTEN_BY_HAND.findall(page.read_text(encoding="utf-8"))]
    return {name for tag in tags for name in NAME.findall(tag)}


def test_every_field_for_sentences_is_given_back_and_none_is_named_that_no_form_has() -> None:
    assert fields_of_forms() | fields_of_templates() == LABELS.keys()
