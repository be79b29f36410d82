from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from moothall.groups.access import Access
from moothall.groups.close import close, removed_at
from moothall.groups.models import Membership
from moothall.groups.refusal import Refusal
from moothall.groups.transfer import decline_offer, offer, withdraw_offer
from moothall.members.models import Profile
from moothall.moderation.office import accept_offer
from moothall.moderation.reopening import reopen_group
from moothall.web.manage.forms import CloseForm, show_refusal
from moothall.web.reader import in_findable_group, in_joined_group, in_owned_group, to_log_in


@require_http_methods(["GET", "HEAD", "POST"])
@in_joined_group
def group_transfer(request: HttpRequest, there: Access) -> HttpResponse:
    """For the owner, who offers the group, and for whoever it is offered to."""
    is_offered_to_reader = there.group.ownership_offered_to_id == there.person.id
    if not there.is_owner and not is_offered_to_reader:
        return render(request, "web/members_only.html", {"group": there.group, "access": there}, status=403)
    if request.method == "POST":
        refusal, done = _transfer(request, there, there.person)
        if refusal is None:
            messages.success(request, done)
            return redirect("group", slug=there.group.slug)
        messages.error(request, refusal.message)
        return redirect("group_transfer", slug=there.group.slug)
    context = {"group": there.group, "access": there, "is_offered_to_reader": is_offered_to_reader}
    return render(request, "manage/group_transfer.html", context)


def _transfer(request: HttpRequest, there: Access, profile: Profile) -> tuple[Refusal | None, str]:
    group = there.group
    match request.POST.get("do"):
        case "offer":
            to = Membership.objects.filter(group=group, id=_number(request.POST.get("to"))).first()
            refusal = offer(group.id, to.profile_id if to else profile.id, by_id=profile.id)
            return refusal, "The group is offered. Nothing changes until they accept."
        case "withdraw":
            return withdraw_offer(group.id, by_id=profile.id), "The offer is taken back. The group stays yours."
        case "accept":
            return accept_offer(group.id, by_id=profile.id), f"{group.name} is yours to keep now. Thank you."
        case "decline":
            return decline_offer(group.id, by_id=profile.id), "You have declined. Nothing has changed."
    return Refusal("Choose what to do with the offer."), ""


def _number(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 18 else 0


@require_http_methods(["GET", "HEAD", "POST"])
@in_owned_group
def group_close(request: HttpRequest, there: Access) -> HttpResponse:
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        refusal = close(there.group.id, typed_name=form.cleaned_data["typed_name"], by_id=there.person.id)
        if refusal is None:
            messages.success(request, f"{there.group.name} is closed. You can open it again for 30 days.")
            return redirect("group_reopen", slug=there.group.slug)
        show_refusal(form, refusal)
    return render(request, "manage/group_close.html", {"group": there.group, "access": there, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@in_findable_group
def group_reopen(request: HttpRequest, there: Access) -> HttpResponse:
    """Found by the owner of a closed group alone; others get 404, and an open group sends them on."""
    if there.profile is None:
        return to_log_in(request)
    if not there.may_reopen:
        return redirect("group", slug=there.group.slug)
    if request.method == "POST":
        refusal = reopen_group(there.group.id, by_id=there.person.id)
        if refusal is None:
            messages.success(request, f"{there.group.name} is open again.")
            return redirect("group", slug=there.group.slug)
        messages.error(request, refusal.message)
    return render(request, "manage/group_reopen.html", {"group": there.group, "removed_at": removed_at(there.group)})
