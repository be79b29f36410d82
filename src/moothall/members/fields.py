"""Form fields for what people say of themselves: cleaned first, so that a message counts what is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from moothall.core.text import clean, clean_line
from moothall.members.models import NAME_LENGTH
from moothall.members.names import clean_name, pitch_in

KNOWS_LENGTH = 60
KNOWS_MOST = 12


class LineField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value) or "")


class ProseField(forms.CharField):
    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return clean(super().to_python(value) or "")


class NameField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=NAME_LENGTH,
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
            error_messages={"required": "Write the name by which people here may know you."},
            **options,
        )

    def to_python(self, value: Any) -> str:
        return clean_name(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if carried := pitch_in(value):
            raise ValidationError(f"A name is what people call you. Leave out {carried}: the profile has its place.")


class HeadlineField(LineField):
    """One line that stands beside the name."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if carried := pitch_in(value):
            raise ValidationError(
                f"This line stands beside all that you write. Leave out {carried}: what you offer has its own place."
            )


class KnowsField(forms.CharField):
    """What somebody knows, a line each; twelve lines at most, each once."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # a list of lines, not one text
        lines = [clean_line(line) for line in clean(super().to_python(value) or "").split("\n")]
        return list(dict.fromkeys(line for line in lines if line))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > KNOWS_MOST:
            raise ValidationError(f"Keep the {KNOWS_MOST} that people may most ask you about; these are {len(value)}.")
        for line in value:
            if len(line) > KNOWS_LENGTH:
                raise ValidationError(f"Say it in {KNOWS_LENGTH} characters at most: “{line[:KNOWS_LENGTH]}…”")
            if carried := pitch_in(line):
                raise ValidationError(
                    f"“{line}” stands beside your name. Leave out {carried}: what you offer has its own place."
                )

    def run_validators(self, value: Any) -> None:
        """Those of CharField are for one text."""
