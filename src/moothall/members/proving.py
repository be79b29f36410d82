"""An address is proved by whoever reads its mail, which puts an end to sign-ups with it that nobody ever proved."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.http import HttpRequest

from moothall.accounts.adapter import AccountAdapter
from moothall.members.unproved import forget_sign_ups_with


class ProvingAdapter(AccountAdapter):
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A sign-up that began with it would keep it from being made the first address of this account."""
        if email_address.can_set_verified():
            forget_sign_ups_with(email_address.email, but=email_address.user_id)
        return bool(super().confirm_email(request, email_address))
