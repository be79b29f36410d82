from __future__ import annotations

from django.contrib import admin

from moothall.core.staff_lists import ReadOnlyStaffList, StaffList
from moothall.groups.models import Group, Invitation, Membership, SettingsChange, UninvitedAddress


@admin.register(Group)
class GroupList(StaffList):
    list_display = ("name", "slug", "visibility", "joining", "policy", "promise_hours", "created_at")
    list_filter = ("visibility", "joining", "policy", "may_be_indexed")
    search_fields = ("name", "slug", "purpose")
    readonly_fields = ("created_at",)


@admin.register(Membership)
class MembershipList(StaffList):
    list_display = ("profile", "group", "role", "state", "has_standing", "joined_at")
    list_filter = ("role", "state", "has_standing")
    list_select_related = ("profile", "group")
    search_fields = ("profile__name", "profile__handle", "group__name", "group__slug")
    raw_id_fields = ("profile", "group")


@admin.register(Invitation)
class InvitationList(ReadOnlyStaffList):
    list_display = ("group", "address", "invited_by", "created_at", "expires_at", "accepted_by", "mailed_at")
    list_filter = ("created_at",)
    list_select_related = ("group", "invited_by", "accepted_by")
    search_fields = ("group__name", "address")
    exclude = ("secret_hash",)


@admin.register(SettingsChange)
class SettingsChangeList(ReadOnlyStaffList):
    list_display = ("group", "setting", "before", "after", "changed_by", "changed_at")
    list_filter = ("setting", "changed_at")
    list_select_related = ("group", "changed_by")
    search_fields = ("group__name", "group__slug", "changed_by__name")


@admin.register(UninvitedAddress)
class UninvitedAddressList(ReadOnlyStaffList):
    list_display = ("address_hash", "asked_at")
    list_filter = ("asked_at",)
    search_fields = ("address_hash",)
