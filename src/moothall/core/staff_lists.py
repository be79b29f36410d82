"""The kinds of lists in Django's admin, for the people who run the site."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.http import HttpRequest


class StaffList(admin.ModelAdmin):  # type: ignore[type-arg]  # can't be subscripted at run time
    """Counts no whole table, and never fills a select with every row of another one."""

    show_full_result_count = False
    list_per_page = 50


class ReadOnlyStaffList(StaffList):
    """For rows that never change, or only by the one door that keeps what belongs to them in step."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
