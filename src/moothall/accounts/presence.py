"""When somebody was last here."""

from __future__ import annotations

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db.models import Exists, OuterRef, Q, QuerySet

from moothall.accounts.models import User


def seen_since(at: datetime) -> QuerySet[User]:
    """Logged in since then, or used a session of before."""
    sessions = UserSession.objects.filter(user=OuterRef("pk"), last_seen_at__gte=at)
    return User.objects.filter(Q(last_login__gte=at) | Q(joined_at__gte=at) | Exists(sessions))
