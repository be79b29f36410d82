from __future__ import annotations

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from moothall.core.markdown import render
from moothall.core.staff_lists import StaffList
from moothall.members.models import Profile, Service


class ServicesOfProfile(admin.TabularInline):  # type: ignore[type-arg]  # can't be subscripted at run time
    model = Service
    extra = 0
    fields = ("position", "title", "text", "removed_at")


@admin.register(Profile)
class ProfileList(StaffList):
    list_display = ("name", "handle", "state", "headline", "created_at")
    list_filter = ("state", "created_at")
    search_fields = ("name", "handle", "user__email", "claim_address")
    readonly_fields = ("user", "state", "about_html", "claim_address", "created_at")
    inlines = (ServicesOfProfile,)

    def save_model(self, request: HttpRequest, obj: Profile, form: ModelForm[Profile], change: bool) -> None:
        """What staff takes out of the text is taken off the page."""
        obj.about_html = render(obj.about)
        super().save_model(request, obj, form, change)
