from __future__ import annotations

from django.contrib import admin

from moothall.core.staff_lists import ReadOnlyStaffList, StaffList
from moothall.mailer.models import Bounce, DomainMinute, OutboundMessage, Probe, StoppedAddress


@admin.register(OutboundMessage)
class OutboundMessageList(ReadOnlyStaffList):
    list_display = ("thing", "profile_id", "state", "why", "tries", "due_at", "sent_at")
    list_filter = ("state", "created_at")
    search_fields = ("=thing", "=profile_id")


@admin.register(Bounce)
class BounceList(ReadOnlyStaffList):
    list_display = ("address", "kind", "outbound", "happened_at")
    list_filter = ("kind", "happened_at")
    list_select_related = ("outbound",)
    search_fields = ("address",)


@admin.register(StoppedAddress)
class StoppedAddressList(StaffList):
    """Deleting a row lets mail go to the address again, as its owner's own link does."""

    list_display = ("address", "kind", "stopped_at")
    list_filter = ("kind", "stopped_at")
    search_fields = ("address",)


@admin.register(Probe)
class ProbeList(ReadOnlyStaffList):
    list_display = ("address", "asked_at")
    list_filter = ("asked_at",)
    search_fields = ("address",)


@admin.register(DomainMinute)
class DomainMinuteList(ReadOnlyStaffList):
    list_display = ("domain", "minute", "booked_count")
    search_fields = ("domain",)
