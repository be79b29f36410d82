from __future__ import annotations

from django.contrib import admin

from moothall.core.staff_lists import ReadOnlyStaffList
from moothall.moderation.models import Decision, Flag, ReviewItem


@admin.register(Decision)
class DecisionList(ReadOnlyStaffList):
    list_display = ("post", "group", "action", "lane", "is_machine", "decided_by", "decided_at")
    list_filter = ("action", "lane", "is_machine", "decided_at")
    list_select_related = ("post__author", "group", "decided_by")
    search_fields = ("=post__id", "group__slug", "post__author__handle", "decided_by__handle", "reason")


@admin.register(ReviewItem)
class ReviewItemList(ReadOnlyStaffList):
    list_display = ("post", "group", "opened_at", "due_at", "decision")
    list_filter = (("decision", admin.EmptyFieldListFilter), "due_at")
    list_select_related = ("post__author", "group", "decision")
    search_fields = ("=post__id", "group__slug", "post__author__handle")


@admin.register(Flag)
class FlagList(ReadOnlyStaffList):
    list_display = ("post", "group", "concern", "profile", "created_at", "decision")
    list_filter = ("concern", "created_at")
    list_select_related = ("post__author", "group", "profile", "decision")
    search_fields = ("=post__id", "group__slug", "profile__handle")
