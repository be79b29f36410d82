"""allauth's forms with the house's words on their fields."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.socialaccount import forms as social
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from moothall.accounts.addresses import belongs_to, is_taken
from moothall.accounts.models import User

GOOD_PASSWORD = "At least 10 characters. Three or four words that nobody else would put together are good."  # noqa: S105

LABELS = {
    "login": "E-mail address",
    "email": "E-mail address",
    "password": "Password",
    "oldpassword": "Your password now",
    "password1": "Password",
    "password2": "The same password again",
    "remember": "Stay logged in on this device",
    "code": "Code",
}
REQUIRED = {
    "login": "Write the e-mail address of your account.",
    "email": "Write your e-mail address.",
    "code": "Write the code.",
}


class InOurWords:
    """Mixed into a form: labels above the fields instead of placeholders inside them."""

    labels: ClassVar[dict[str, str]] = {}
    help_texts: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = LABELS | self.labels
        for name, field in self.fields.items():  # type: ignore[attr-defined]  # a form's
            field.widget.attrs.pop("placeholder", None)
            if name in labels:
                field.label = labels[name]
                field.help_text = self.help_texts.get(name, "")
                field.error_messages["required"] = REQUIRED.get(name, "Write your password.")
            if field.error_messages.get("invalid") and name in ("login", "email"):
                field.error_messages["invalid"] = "An e-mail address has the form name@example.org."


class OnlyTypedIsNobodys:
    """Mixed into a form to sign up: a further address that a member typed and never proved keeps nobody out."""

    account_already_exists: bool

    def validate_unique_email(self, value: str) -> str:
        email: str = super().validate_unique_email(value)  # type: ignore[misc]  # a form's
        self.account_already_exists = self.account_already_exists and is_taken(email)
        return email


class LoginForm(InOurWords, account.LoginForm):  # type: ignore[misc]  # allauth is not typed
    pass


class SignupForm(InOurWords, OnlyTypedIsNobodys, account.SignupForm):  # type: ignore[misc]
    help_texts: ClassVar[dict[str, str]] = {
        "email": "We send a mail to it, so that we know it is yours. Nobody else sees it.",
        "password1": GOOD_PASSWORD,
    }

    def save(self, request: HttpRequest) -> User:
        """Whoever presses the button twice signs up once, and reads the same page both times."""
        try:
            with transaction.atomic():
                user: User = super().save(request)
        except IntegrityError:
            user = User.objects.get(email=self.cleaned_data["email"])
            if not user.check_password(self.cleaned_data["password1"]):
                raise
        return user


class SocialSignupForm(InOurWords, OnlyTypedIsNobodys, social.SignupForm):  # type: ignore[misc]
    help_texts: ClassVar[dict[str, str]] = {"email": SignupForm.help_texts["email"]}


class AddEmailForm(InOurWords, account.AddEmailForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, str]] = {"email": "Another e-mail address"}
    help_texts: ClassVar[dict[str, str]] = {"email": "We send a mail to it. It counts once you follow the link there."}


class ChangePasswordForm(InOurWords, account.ChangePasswordForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, str]] = {"password1": "New password", "password2": "The new password again"}
    help_texts: ClassVar[dict[str, str]] = {"password1": GOOD_PASSWORD}


class SetPasswordForm(InOurWords, account.SetPasswordForm):  # type: ignore[misc]
    help_texts: ClassVar[dict[str, str]] = {"password1": GOOD_PASSWORD}


class ResetPasswordForm(InOurWords, account.ResetPasswordForm):  # type: ignore[misc]
    """Of an account that only names the address, unproved, its reader gets no link: it may be a stranger's."""

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users: list[User] = [user for user in self.users if belongs_to(email, user)]
        return email


class ResetPasswordKeyForm(InOurWords, account.ResetPasswordKeyForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, str]] = ChangePasswordForm.labels
    help_texts: ClassVar[dict[str, str]] = {"password1": GOOD_PASSWORD}


class ReauthenticateForm(InOurWords, account.ReauthenticateForm):  # type: ignore[misc]
    pass


class AuthenticateForm(InOurWords, mfa.AuthenticateForm):  # type: ignore[misc]
    help_texts: ClassVar[dict[str, str]] = {"code": "The six digits from your authenticator app, or a recovery code."}


class ReauthenticateByCodeForm(InOurWords, mfa.ReauthenticateForm):  # type: ignore[misc]
    help_texts: ClassVar[dict[str, str]] = AuthenticateForm.help_texts


class ActivateTOTPForm(InOurWords, totp.ActivateTOTPForm):  # type: ignore[misc]
    help_texts: ClassVar[dict[str, str]] = {"code": "The six digits that the app shows now."}
