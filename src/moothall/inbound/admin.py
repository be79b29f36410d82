from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from moothall.inbound.models import InboundMessage


@admin.register(InboundMessage)
class InboundMessageAdmin(admin.ModelAdmin[InboundMessage]):
    """To answer “what became of my mail?”; nothing is changed here, and nobody's words are shown."""

    list_display = ["received_at", "recipient", "sender", "state", "kind", "reason"]
    list_filter = ["state", "kind"]
    search_fields = ["message_id", "recipient", "sender"]
    fields = readonly_fields = [
        "received_at", "group", "purpose", "recipient", "sender", "message_id", "state", "kind", "reason", "error", "post",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMessage]:
        return super().get_queryset(request).defer("raw")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: InboundMessage | None = None) -> bool:
        return False
