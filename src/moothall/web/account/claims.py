from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from moothall.members.models import Profile
from moothall.posting.claiming import claim, claimable
from moothall.web.reader import for_members


@for_members
def claims(request: HttpRequest, profile: Profile) -> HttpResponse:
    if request.method != "POST":
        return render(request, "account/claims.html", {"claimable": claimable(profile)})
    posts = claim(profile, request.POST.get("address", ""))
    if posts is None:
        messages.error(request, "There are no posts from an address that you have proved. Add the address first.")
        return redirect("account_claims")
    messages.success(request, f"{posts} {'post is' if posts == 1 else 'posts are'} yours now.")
    return redirect("profile", profile.handle)
