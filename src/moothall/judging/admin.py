from __future__ import annotations

from django.contrib import admin

from moothall.core.staff_lists import ReadOnlyStaffList
from moothall.judging.models import GroupMemory, Rereading, Screening


@admin.register(Screening)
class ScreeningList(ReadOnlyStaffList):
    list_display = ("post", "group", "promotion", "fit", "kind", "language", "model_version", "screened_at")
    list_filter = ("model_version", "kind", "language", "screened_at")
    list_select_related = ("post__author", "group")
    search_fields = ("=post__id", "group__slug", "post__author__handle")


@admin.register(GroupMemory)
class GroupMemoryList(ReadOnlyStaffList):
    list_display = ("group", "edition", "model_version", "learnt_at")
    list_filter = ("model_version", "learnt_at")
    list_select_related = ("group",)
    search_fields = ("group__slug", "group__name")
    exclude = ("model",)


@admin.register(Rereading)
class RereadingList(ReadOnlyStaffList):
    list_display = ("group", "model_version", "done", "total", "changed", "would_hold", "started_at", "finished_at")
    list_filter = ("model_version", "started_at")
    list_select_related = ("group",)
    search_fields = ("group__slug", "group__name")
