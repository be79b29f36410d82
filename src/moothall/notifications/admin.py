from __future__ import annotations

from django.contrib import admin

from moothall.core.staff_lists import ReadOnlyStaffList
from moothall.notifications.models import Event


@admin.register(Event)
class EventList(ReadOnlyStaffList):
    list_display = ("kind", "group", "post", "actor", "concerns", "happened_at")
    list_filter = ("kind", "happened_at")
    list_select_related = ("group", "post__author", "actor", "concerns")
    search_fields = ("=post__id", "group__slug", "actor__handle", "concerns__handle")
