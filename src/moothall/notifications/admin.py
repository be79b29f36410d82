from __future__ import annotations

from django.contrib import admin

from moothall.core.staff_lists import ReadOnlyStaffList
from moothall.notifications.models import Digest, Event, ManagersMail


@admin.register(Event)
class EventList(ReadOnlyStaffList):
    list_display = ("kind", "group", "post", "actor", "concerns", "happened_at")
    list_filter = ("kind", "happened_at")
    list_select_related = ("group", "post__author", "actor", "concerns")
    search_fields = ("=post__id", "group__slug", "actor__handle", "concerns__handle")


@admin.register(Digest)
class DigestList(ReadOnlyStaffList):
    list_display = ("group", "profile", "every", "since", "until", "built_at")
    list_filter = ("every", "built_at")
    list_select_related = ("group", "profile")
    search_fields = ("group__slug", "profile__handle")


@admin.register(ManagersMail)
class ManagersMailList(ReadOnlyStaffList):
    list_display = ("group", "profile", "until", "more_count", "built_at")
    list_filter = ("built_at",)
    list_select_related = ("group", "profile")
    search_fields = ("group__slug", "profile__handle")
