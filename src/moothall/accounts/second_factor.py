"""The second factor: codes of an authenticator app, and recovery codes."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from moothall.accounts.models import User


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())
