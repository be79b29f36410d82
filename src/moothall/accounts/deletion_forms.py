"""The two questions before an account is deleted, each answered with a proof that it is really its owner."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from moothall.accounts.forms import ReauthenticateByCodeForm, ReauthenticateForm
from moothall.accounts.models import PostsAfterwards
from moothall.accounts.second_factor import has_second_factor


class AskForDeletionForm(ReauthenticateForm):
    field_order: ClassVar[list[str]] = ["posts_afterwards", "password"]

    posts_afterwards = forms.ChoiceField(
        label="What is to become of your posts?",
        choices=PostsAfterwards.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose whether your posts stay or go.",
            "invalid_choice": "Choose whether your posts stay or go.",
        },
    )


class ConfirmDeletionForm(ReauthenticateForm):
    """The password once more, and a code from those who have a second factor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_second_factor(self.user):
            by_code = ReauthenticateByCodeForm(user=self.user)
            self.fields["code"] = by_code.fields["code"]

    def clean_code(self) -> str:
        """Asked beside the right password alone: a code is good once."""
        if self.has_error("password"):
            return str(self.cleaned_data["code"])
        by_code = ReauthenticateByCodeForm({"code": self.cleaned_data["code"]}, user=self.user)
        if not by_code.is_valid():
            raise forms.ValidationError(by_code.errors["code"].as_data())
        return str(by_code.cleaned_data["code"])
