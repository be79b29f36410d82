"""E-mail addresses that somebody has proved to be theirs."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from moothall.accounts.models import User


def proved_addresses(user: User) -> list[str]:
    """Lower case; the first is the one they log in with."""
    rows = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "email")
    return [email.lower() for email in rows.values_list("email", flat=True)]


def user_of_address(address: str) -> User | None:
    """Who has proved this address; None for nobody, and for accounts that are switched off."""
    proved = EmailAddress.objects.filter(email__iexact=address, verified=True, user__is_active=True)
    row = proved.select_related("user").first()
    return row.user if row is not None else None


def is_taken(address: str) -> bool:
    """Somebody began their account with it, or has proved it. What was only typed as a further address is nobody's."""
    began_with = User.objects.filter(email=address.lower())
    return began_with.exists() or EmailAddress.objects.filter(email__iexact=address, verified=True).exists()


def belongs_to(address: str, user: User) -> bool:
    """It is the one they log in with, or one that they have proved."""
    return address.lower() in (user.email, *proved_addresses(user))
