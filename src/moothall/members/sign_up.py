"""A log-in gets its profile when somebody signs up; allauth puts its own fields under this form."""

from __future__ import annotations

from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from moothall.accounts.models import User
from moothall.members.fields import NameField
from moothall.members.handles import free_handle
from moothall.members.models import Profile

TRIES = 5


class SignUpForm(forms.Form):
    field_order = ("name", "email", "password1")

    name = NameField(label="Your name", help_text="Others see it beside what you write.")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the log-in is saved."""
        make_profile(user, self.cleaned_data["name"])


def make_profile(user: User, name: str) -> Profile:
    """Tries again when somebody of the same name signed up in the same moment."""
    for _ in range(TRIES - 1):
        try:
            with transaction.atomic():
                return Profile.objects.create(user=user, name=name, handle=free_handle(name))
        except IntegrityError:
            if existing := Profile.objects.filter(user=user).first():
                return existing
    return Profile.objects.create(user=user, name=name, handle=free_handle(name))
