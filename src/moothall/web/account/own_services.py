from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from moothall.members.fields import LineField, ProseField
from moothall.members.models import Profile, Service
from moothall.members.offers import SERVICES_MOST, add, move_down, move_up, put_back, remove
from moothall.web.reader import for_members


class ServiceForm(forms.Form):
    title = LineField(
        label="What you offer", max_length=120, error_messages={"required": "Write what you offer, in one line."}
    )
    text = ProseField(
        label="More about it",
        required=False,
        max_length=2000,
        help_text="Where, for whom, what it costs.",
    )


@for_members
def services(request: HttpRequest, profile: Profile) -> HttpResponse:
    form = ServiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if add(profile, form.cleaned_data["title"], form.cleaned_data["text"]):
            messages.success(request, "It stands on your profile now.")
            return redirect("account_services")
        form.add_error(None, f"{SERVICES_MOST} services are as many as fit. Remove one first.")
    offered = list(profile.services.offered())
    removed = profile.services.exclude(removed_at=None).first()
    return render(
        request,
        "account/services.html",
        {"profile": profile, "services": offered, "removed": removed, "form": form},
    )


@for_members
def edit_service(request: HttpRequest, profile: Profile, service_id: int) -> HttpResponse:
    service = _own(profile, service_id)
    form = ServiceForm(request.POST or None, initial={"title": service.title, "text": service.text})
    if request.method == "POST" and form.is_valid():
        service.title, service.text = form.cleaned_data["title"], form.cleaned_data["text"]
        service.save(update_fields=["title", "text"])
        messages.success(request, "Your change is saved.")
        return redirect("account_services")
    return render(request, "account/service.html", {"form": form, "service": service})


def _own(profile: Profile, service_id: int) -> Service:
    return get_object_or_404(profile.services.offered(), id=service_id)


@require_POST
@for_members
def raise_service(request: HttpRequest, profile: Profile, service_id: int) -> HttpResponse:
    move_up(_own(profile, service_id))
    return redirect("account_services")


@require_POST
@for_members
def lower_service(request: HttpRequest, profile: Profile, service_id: int) -> HttpResponse:
    move_down(_own(profile, service_id))
    return redirect("account_services")


@require_POST
@for_members
def remove_service(request: HttpRequest, profile: Profile, service_id: int) -> HttpResponse:
    remove(_own(profile, service_id))
    return redirect("account_services")


@require_POST
@for_members
def restore_service(request: HttpRequest, profile: Profile, service_id: int) -> HttpResponse:
    put_back(get_object_or_404(profile.services, id=service_id))
    return redirect("account_services")
