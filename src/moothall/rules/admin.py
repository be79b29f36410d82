from __future__ import annotations

from django.contrib import admin

from moothall.core.staff_lists import ReadOnlyStaffList
from moothall.rules.models import Rule, RulesEdition


class RulesOfEdition(admin.TabularInline):  # type: ignore[type-arg]  # can't be subscripted at run time
    model = Rule
    extra = 0
    can_delete = False


@admin.register(RulesEdition)
class RulesEditionList(ReadOnlyStaffList):
    list_display = ("group", "number", "published_at", "published_by")
    list_filter = ("published_at",)
    list_select_related = ("group", "published_by")
    search_fields = ("group__name", "rules__text")
    inlines = (RulesOfEdition,)
