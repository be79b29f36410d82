"""Form fields that clean what people type before anything else looks at it."""

from __future__ import annotations

from django import forms

from moothall.core.text import clean, clean_line


class LineField(forms.CharField):
    """One line."""

    def to_python(self, value: object) -> str:
        return clean_line(str(value)) if value is not None else ""


class TextField(forms.CharField):
    """Several lines."""

    widget = forms.Textarea

    def to_python(self, value: object) -> str:
        return clean(str(value)) if value is not None else ""
