from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from moothall.accounts.models import Theme, User
from moothall.members.models import Profile
from moothall.web.reader import for_members


@cache
def _zones() -> list[tuple[str, str]]:
    """Zones of places; `Etc/…` and abbreviations are for machines."""
    places = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *places]]


class DisplayForm(forms.Form):
    theme = forms.ChoiceField(label="Light or dark", choices=Theme.choices, widget=forms.RadioSelect)
    time_zone = forms.ChoiceField(
        label="Your time zone", choices=_zones, help_text="Times are shown as the clock on your wall has them."
    )
    has_letter_keys = forms.BooleanField(
        label="Single-letter keys",
        required=False,
        help_text="J and K go from one conversation or comment to the next, / searches, ? lists the keys. "
        "They rest while you write.",
    )


@for_members
def display(request: HttpRequest, profile: Profile) -> HttpResponse:
    user = profile.user
    assert user is not None  # noqa: S101 - for_members finds profiles by their log-in
    before = {"theme": user.theme, "time_zone": user.time_zone, "has_letter_keys": user.has_letter_keys}
    form = DisplayForm(request.POST or None, initial=before)
    if request.method == "POST" and form.is_valid():
        User.objects.filter(id=user.id).update(**form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("account_display")
    return render(request, "account/display.html", {"form": form})
