"""Who reads, and what they may do in the group named by the address: resolved once, before the view."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from moothall.groups.access import Access, access
from moothall.groups.models import Group
from moothall.members.models import Profile
from moothall.web.typed import typed

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
GroupView = Callable[Concatenate[HttpRequest, Access, P], HttpResponse]
MemberView = Callable[Concatenate[HttpRequest, Profile, P], HttpResponse]


def reader(request: HttpRequest) -> Profile | None:
    """The profile of whoever is logged in; asked of the database once a request."""
    if not hasattr(request, "_reader"):
        found = None
        # Nobody was asked for yet where a request is refused at once, as one for another host is.
        if hasattr(request, "user") and request.user.is_authenticated:
            found = Profile.objects.select_related("user").filter(user=request.user).first()
        request._reader = found  # type: ignore[attr-defined]
    return cast("Profile | None", request._reader)  # type: ignore[attr-defined]


def is_nameless(request: HttpRequest) -> bool:
    """Logged in, and without a profile: made on the command line."""
    return request.user.is_authenticated and reader(request) is None


def to_log_in(request: HttpRequest) -> HttpResponse:
    """For whoever has no profile: logs them in, or asks their name, and brings them back.

    What they typed into a form stays on the page, so that it can be copied first. A part of a page, as the line that
    says when a draft was kept, takes the place of the last one only where it is answered with 200.
    """
    wanted = _came_from(request) or request.get_full_path()
    if request.user.is_authenticated:
        return redirect_to_login(wanted, reverse("account_name"))
    answer = redirect_to_login(wanted)
    is_part = "HX-Request" in request.headers
    if typed(request):
        template, status = ("web/_not_kept.html", 200) if is_part else ("web/logged_out.html", 403)
        return render(request, template, {"login": answer.url}, status=status)
    if is_part:
        # A redirect would put the form for logging in where a part of the page stood.
        return HttpResponse(headers={"HX-Redirect": answer.url})
    return answer


def _came_from(request: HttpRequest) -> str:
    """The page of this site from which a form or a part of it was asked for; "" where that is not known.

    Many addresses take forms alone, or answer with a part of a page.
    """
    if request.method != "POST" and "HX-Request" not in request.headers:
        return ""
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc != request.get_host():
        return ""
    return f"{page.path}?{page.query}" if page.query else page.path


def for_members(view: MemberView[P]) -> View[P]:
    """Only for people who are logged in; the view is handed their profile."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        profile = reader(request)
        if profile is None:
            return to_log_in(request)
        return view(request, profile, *args, **kwargs)

    return inner


def _group_view(allowed: Callable[[Access], bool], view: GroupView[P]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def inner(request: HttpRequest, /, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        there = access(get_object_or_404(Group, slug=slug), reader(request))
        if not there.may_find:
            raise Http404
        if allowed(there):
            return view(request, there, *args, **kwargs)
        if there.profile is None:
            return to_log_in(request)
        if "HX-Request" in request.headers and typed(request):
            return render(request, "web/_not_kept.html")
        return render(request, "web/members_only.html", {"group": there.group, "access": there}, status=403)

    return inner


def in_findable_group(view: GroupView[P]) -> Callable[..., HttpResponse]:
    """For everybody who may learn that the group exists; others get 404, as if it did not."""
    return _group_view(lambda there: there.may_find, view)


def in_readable_group(view: GroupView[P]) -> Callable[..., HttpResponse]:
    """For everybody who may read the group's posts."""
    return _group_view(lambda there: there.may_read, view)


def in_joined_group(view: GroupView[P]) -> Callable[..., HttpResponse]:
    """For active members."""
    return _group_view(lambda there: there.is_member, view)


def in_managed_group(view: GroupView[P]) -> Callable[..., HttpResponse]:
    """For the owner and the moderators."""
    return _group_view(lambda there: there.is_manager, view)


def for_search_engines(response: HttpResponse, group: Group) -> HttpResponse:
    """They may list the page, where the group's owner lets them."""
    response.may_be_indexed = group.may_be_indexed  # type: ignore[attr-defined]
    return response


def in_owned_group(view: GroupView[P]) -> Callable[..., HttpResponse]:
    """For the owner."""
    return _group_view(lambda there: there.is_owner, view)
