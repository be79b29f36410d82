from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from moothall.core.text import clean_line
from moothall.groups.access import Access
from moothall.groups.ban import lift
from moothall.groups.models import Membership, MembershipState, Role
from moothall.groups.refusal import Refusal
from moothall.mailer.models import StoppedAddress
from moothall.moderation.admitting import approve, refuse
from moothall.moderation.banning import ban
from moothall.moderation.office import make_member, make_moderator
from moothall.moderation.reach import DAYS, INBOXES, used_in
from moothall.web.manage.forms import BanForm
from moothall.web.reader import in_managed_group

ON_A_PAGE = 50
PENDING_SHOWN = 50

ACTS: dict[str, tuple[Callable[..., Refusal | None], str]] = {
    "approve": (approve, "{} is a member now."),
    "refuse": (refuse, "{} was not let in. They may ask again."),
    "lift": (lift, "The group is open to {} again; they may join as others do."),
    "moderator": (make_moderator, "{} is a moderator now."),
    "member": (make_member, "{} is a member now, and no longer a moderator."),
}
"""What a button on a person does, by its value, and what is said of it afterwards."""

SHOWN = {
    "active": "Members",
    "managers": "Managers",
    "left": "Left",
    "banned": "Closed to",
    "mail": "Mail comes back",
}
STATES = {"left": MembershipState.LEFT, "banned": MembershipState.BANNED}


@require_safe
@in_managed_group
def group_people(request: HttpRequest, there: Access) -> HttpResponse:
    shown = request.GET.get("show", "active")
    query = clean_line(request.GET.get("q", ""))[:100]
    page = Paginator(_people(there, shown if shown in SHOWN else "active", query), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    pending = _with_profiles(there).filter(state=MembershipState.PENDING).order_by("joined_at")
    context = {
        "group": there.group,
        "access": there,
        "tab": "people",
        "pending": pending[:PENDING_SHOWN],
        "pending_count": pending.count(),
        "page": page,
        "shown": shown,
        "choices": SHOWN.items(),
        "q": query,
        "reach_days": DAYS,
        "reach_most": INBOXES,
    }
    return render(request, "manage/group_people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_managed_group
def group_person(request: HttpRequest, there: Access, membership_id: int) -> HttpResponse:
    """One person in the group, and what a manager can do about them."""
    person = get_object_or_404(_with_profiles(there), id=membership_id)
    form = BanForm()
    if request.method == "POST":
        act = request.POST.get("do", "")
        if act == "ban":
            form = BanForm(request.POST)
            if form.is_valid():
                reason = form.cleaned_data["banned_reason"]
                refusal = ban(there.group.id, membership_id, reason=reason, by_id=there.person.id)
                return _told(request, there, refusal, f"The group is closed to {person.profile.name}.")
        elif act in ACTS:
            do, words = ACTS[act]
            refusal = do(there.group.id, membership_id, by_id=there.person.id)
            return _told(request, there, refusal, words.format(person.profile.name))
    context = {"group": there.group, "access": there, "tab": "people", "person": person, "form": form}
    return render(request, "manage/group_person.html", context)


def with_failing_mail(members: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those to whom mail was stopped, with `mail_kind` and `mail_stopped_at`. A table instead of a mail each."""
    there = StoppedAddress.objects.filter(address=OuterRef("profile__user__email"))
    found = members.annotate(
        mail_kind=Subquery(there.values("kind")[:1]), mail_stopped_at=Subquery(there.values("stopped_at")[:1])
    )
    return found.exclude(mail_kind=None)


def _told(request: HttpRequest, there: Access, refusal: Refusal | None, done: str) -> HttpResponse:
    if refusal is None:
        messages.success(request, done)
    else:
        messages.error(request, refusal.message)
    return redirect("group_people", slug=there.group.slug)


def _with_profiles(there: Access) -> QuerySet[Membership]:
    return Membership.objects.filter(group=there.group).select_related("profile")


def _people(there: Access, shown: str, query: str) -> QuerySet[Membership]:
    found = _with_profiles(there).filter(state=STATES.get(shown, MembershipState.ACTIVE))
    if shown == "managers":
        found = found.exclude(role=Role.MEMBER)
    if shown == "mail":
        found = with_failing_mail(found)
    if query:
        found = found.filter(Q(profile__name__icontains=query) | Q(profile__handle__icontains=query))
    return found.annotate(reach=used_in(there.group.id)).order_by("-joined_at", "-id")
