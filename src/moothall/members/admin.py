from __future__ import annotations

from django.contrib import admin

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
