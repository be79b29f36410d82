from __future__ import annotations

from django.contrib import admin

from moothall.core.staff_lists import ReadOnlyStaffList
from moothall.search.models import SearchEntry


@admin.register(SearchEntry)
class SearchEntryList(ReadOnlyStaffList):
    list_display = ("post", "group", "words")
    list_select_related = ("post__author", "group")
    search_fields = ("=post__id", "group__slug")
