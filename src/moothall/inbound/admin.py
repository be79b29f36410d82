from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from moothall.core.staff_lists import ReadOnlyStaffList
from moothall.inbound.models import InboundMessage, Notice


@admin.register(InboundMessage)
class InboundMessageList(ReadOnlyStaffList):
    """To answer “what became of my mail?”; nobody's words are shown."""

    list_display = ("received_at", "recipient", "sender", "from_address", "state", "kind", "reason")
    list_filter = ("state", "kind", "received_at")
    search_fields = ("=message_id", "recipient", "sender", "from_address")
    exclude = ("raw",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMessage]:
        """A mail may have 30 MB."""
        return InboundMessage.objects.defer("raw")


@admin.register(Notice)
class NoticeList(ReadOnlyStaffList):
    list_display = ("address", "sent_on")
    search_fields = ("address",)
