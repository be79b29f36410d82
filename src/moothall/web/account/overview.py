from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from moothall.accounts.addresses import proved_addresses
from moothall.accounts.models import Export
from moothall.accounts.second_factor import has_second_factor
from moothall.accounts.sessions import count_sessions
from moothall.members.models import Profile
from moothall.posting.claiming import claimable
from moothall.web.reader import for_members


@for_members
def overview(request: HttpRequest, profile: Profile) -> HttpResponse:
    user = profile.user
    assert user is not None  # noqa: S101 - for_members finds profiles by their log-in
    return render(
        request,
        "account/overview.html",
        {
            "profile": profile,
            "addresses": proved_addresses(user),
            "has_second_factor": has_second_factor(user),
            "session_count": count_sessions(user),
            "service_count": profile.services.offered().count(),
            "export": Export.objects.filter(user=user).first(),
            "claimable": claimable(profile),
        },
    )
