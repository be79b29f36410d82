"""E-mail addresses that somebody has proved to be theirs."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from moothall.accounts.models import User


def proved_addresses(user: User) -> list[str]:
    """Lower case; the first is the one they log in with."""
    rows = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "email")
    return [email.lower() for email in rows.values_list("email", flat=True)]
