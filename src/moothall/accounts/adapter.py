"""What allauth asks of the site: its words, its gates, and where people land."""

from __future__ import annotations

import logging
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from moothall.accounts.deletion import take_back_deletion
from moothall.accounts.models import User
from moothall.mailer.addresses import mail_domain

log = logging.getLogger(__name__)

TOO_MANY_TRIES = "That was tried too often. Wait five minutes, then try again; or reset your password by mail."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account has been closed by the people who run the site.",
        "cannot_remove_primary_email": "This is the first of your addresses. Make another one first, then remove it.",
        "duplicate_email": "You have given this address already.",
        "email_password_mismatch": "This address and this password do not belong together. Check both, or reset "
        "the password by mail.",
        "enter_current_password": "This is not your current password.",
        "incorrect_code": "This code is not the right one, or it has run out. Wait for the next one and type it soon.",
        "incorrect_password": "This is not your password.",
        "invalid_password_reset": "This link has been used already, or is too old. Ask for a new one.",
        "max_email_addresses": "You can have %d addresses at most. Remove one first.",
        "rate_limited": TOO_MANY_TRIES,
        "too_many_login_attempts": TOO_MANY_TRIES,
        "unverified_primary_email": "Prove this address first: follow the link in the mail we sent to it.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_IS_OPEN)

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        if take_back_deletion(user):
            messages.success(request, "Welcome back. Your account will not be deleted; everything is as it was.")
        response: HttpResponse = super().post_login(request, user, **details)
        return response

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Carries the page that was wanted, for people who open their mail on another device."""
        url: str = super().get_email_confirmation_url(request, emailconfirmation)
        wanted = get_next_redirect_url(request)
        if not wanted:
            return url
        login = f"{reverse('account_login')}?{urlencode({'next': wanted})}"
        return f"{url}?{urlencode({'next': login})}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = {
            "site_name": settings.SITE_NAME,
            "site_address": settings.BASE_URL,
            "signup_is_open": settings.SIGNUP_IS_OPEN,
        }
        super().send_mail(template_prefix, email, context | site)

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        # Without an id of ours Django takes this machine's name for its domain. RFC 3834 section 5: nobody's out of
        # office answers it.
        own = {"Message-ID": make_msgid(domain=mail_domain()), "Auto-Submitted": "auto-generated"}
        mail: EmailMessage = super().render_mail(template_prefix, email, context, (headers or {}) | own)
        return mail


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "disconnect_last": "This is the only way you can log in. Set a password first, then take it away.",
        "no_password": "Set a password first, or you could not log in any more.",
        "no_verified_email": "Prove your e-mail address first, or you could not log in any more.",
    }

    def get_signup_form_initial_data(self, sociallogin: Any) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_signup_form_initial_data(sociallogin)
        account = sociallogin.account.get_provider_account()
        return {**initial, "name": str((account.get_user_data() or {}).get("name") or "")}

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """The page says only that it did not work; whoever runs the site finds the cause in the log."""
        log.warning("Log-in by %s failed: %s", provider.name, error or "unknown", exc_info=exception)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is not typed
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "add_email_blocked": "While the second factor is on, no address can be added: its owner might be shut out. "
        "Switch it off, add the address and prove it, then switch it on again.",
        "unverified_email": "One of your addresses is not proved yet. Prove it or remove it, then set up the app.",
    }
