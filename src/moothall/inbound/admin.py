from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from moothall.core.staff_lists import ReadOnlyStaffList
from moothall.inbound.models import InboundMessage, Notice
from moothall.inbound.queueing import try_again


@admin.register(InboundMessage)
class InboundMessageList(ReadOnlyStaffList):
    """To answer “what became of my mail?”, and to have read again what could not be read; nobody's words are shown."""

    list_display = ("received_at", "recipient", "sender", "from_address", "state", "kind", "reason")
    list_filter = ("state", "kind", "received_at")
    search_fields = ("=message_id", "recipient", "sender", "from_address")
    exclude = ("raw",)
    actions = ("try_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMessage]:
        """A mail may have 30 MB."""
        return InboundMessage.objects.defer("raw")

    @admin.action(description="Try again to read those that could not be read", permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[InboundMessage]) -> None:
        count = try_again(queryset.values_list("id", flat=True))
        self.message_user(
            request,
            f"{count} {'mail is' if count == 1 else 'mails are'} read again.",
            messages.SUCCESS if count else messages.WARNING,
        )


@admin.register(Notice)
class NoticeList(ReadOnlyStaffList):
    list_display = ("address", "sent_on")
    search_fields = ("address",)
