from __future__ import annotations

from django.db import models
from django.db.models import Q

from moothall.core.clock import now
from moothall.discussions.models import Post
from moothall.groups.models import Group


class MailState(models.TextChoices):
    WAITING = "waiting", "Not yet read"
    UNREAD = "unread", "Could not be read, and is kept until somebody has it tried again"
    POSTED = "posted", "It is a post"
    DONE = "done", "Done"
    IGNORED = "ignored", "Written by a machine, or our own"
    REFUSED = "refused", "Not taken; the sender was told, once a day"


class InboundMessage(models.Model):
    """A mail as it came, for one recipient. Stored before it is understood, and read by a task that may be repeated."""

    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="inbound_messages")
    purpose = models.CharField(max_length=11, help_text="What its recipient's address is for")
    recipient = models.CharField(max_length=320)
    sender = models.CharField(max_length=320, blank=True, help_text="The envelope's; empty for reports")
    from_address = models.CharField(
        max_length=320, blank=True, help_text="Who it says that it is from, once it is read"
    )
    message_id = models.CharField(max_length=255, help_text="Its own, or its digest where it has none")
    raw = models.BinaryField()
    received_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=7, choices=MailState.choices, default=MailState.WAITING)
    kind = models.CharField(max_length=10, blank=True, help_text="What it was understood as")
    reason = models.TextField(blank=True, help_text="Why it was refused")
    error = models.TextField(blank=True, help_text="What went wrong at the last try")
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "purpose", "message_id"], name="inbound_message_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=~Q(message_id=""), name="inbound_message_has_an_id"),
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(state="waiting"), name="inbound_message_waiting"),
            models.Index(fields=["state", "received_at"], name="inbound_message_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.recipient}"


class Notice(models.Model):
    """That a sender was told something today, so that nobody is told twice."""

    address = models.CharField(max_length=320)
    sent_on = models.DateField()
    is_to_stranger = models.BooleanField(default=False, help_text="No account had proved this address")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "sent_on"], name="one_notice_per_sender_and_day")]
        indexes = [models.Index(fields=["sent_on"], condition=Q(is_to_stranger=True), name="notice_to_stranger")]

    def __str__(self) -> str:
        return f"{self.address} on {self.sent_on}"
