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
    return User.objects.filter(~Exists(proved), last_login=None, is_staff=False, is_superuser=False)


def forget_unproved() -> int:
    """Returns how many. Each by itself: one that something else names by now stays."""
    old = unproved().filter(joined_at__lt=now() - KEPT)
    return sum(_forget(user_id) for user_id in list(old.values_list("id", flat=True)))


def forget_sign_ups_with(address: str, *, but: int) -> None:
    """Those that began with an address which somebody else proves, the user of that id."""
    for user_id in list(unproved().filter(email=address.lower()).exclude(id=but).values_list("id", flat=True)):
        _forget(user_id)


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
