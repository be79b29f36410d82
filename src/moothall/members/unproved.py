"""Sign-ups whose address nobody ever proved are forgotten."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, QuerySet

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.members.models import Profile

# The link in the mail is good for three days, and logging in sends another; the mail and the page name these 14.
KEPT = timedelta(days=14)


def unproved() -> QuerySet[User]:
    """Log-ins of whom nobody ever came in. Staff may be made by hand, without a mail."""
    proved = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    return User.objects.filter(
        ~Exists(proved), last_login=None, is_staff=False, is_superuser=False, joined_at__lt=now() - KEPT
    )


def forget_unproved() -> int:
    """Returns how many. Each by itself: one that something else names by now stays."""
    return sum(_forget(user_id) for user_id in list(unproved().values_list("id", flat=True)))


def _forget(user_id: int) -> bool:
    try:
        with transaction.atomic():
            user = unproved().select_for_update(of=("self",)).filter(id=user_id).first()
            if user is None:
                return False
            Profile.objects.filter(user=user).delete()
            user.delete()
    except ProtectedError:
        return False
    return True
