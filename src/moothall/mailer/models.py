from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from moothall.core.clock import now


class SendingState(models.TextChoices):
    QUEUED = "queued", "Waits to be sent"
    SENT = "sent", "Sent"
    DROPPED = "dropped", "Not sent, since something changed"
    FAILED = "failed", "The mail server refused it"


class OutboundMessage(models.Model):
    """One mail to one person about one thing; the row is made once, however often its making is repeated.

    The mailer knows nothing of what it sends: `thing` names it (such as ``post:7``), and whoever made the row says what
    is in the mail when it is sent.
    """

    profile_id = models.BigIntegerField()
    thing = models.CharField(max_length=60)
    address = models.CharField(max_length=320, blank=True, help_text="To which it went; empty while it waits")
    state = models.CharField(max_length=7, choices=SendingState.choices, default=SendingState.QUEUED)
    why = models.CharField(max_length=200, blank=True, help_text="Why it was dropped, or what the server said")
    due_at = models.DateTimeField(default=now, help_text="Not before: quiet hours, or another try")
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="A worker has it in hand until then")
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile_id", "thing"], name="one_mail_per_person_and_thing"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="sent_mails_say_when",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="queued"), name="mail_to_be_sent"),
            models.Index(fields=["thing", "state"], name="mail_about_a_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.thing} to {self.profile_id}, {self.state}"


class DomainMinute(models.Model):
    """How many mails are booked for one domain in one minute."""

    domain = models.CharField(max_length=253)
    minute = models.DateTimeField()
    booked_count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "minute"], name="one_row_per_domain_and_minute")]
        indexes = [models.Index(fields=["minute"], name="domain_minute_by_age")]

    def __str__(self) -> str:
        return f"{self.booked_count} to {self.domain}"


class BounceKind(models.TextChoices):
    HARD = "hard", "There is no such mailbox"
    SOFT = "soft", "It could not be delivered for now"
    COMPLAINT = "complaint", "The reader told their provider that they do not want it"


class Bounce(models.Model):
    """What came back for an address."""

    address = models.EmailField()
    kind = models.CharField(max_length=9, choices=BounceKind.choices)
    outbound = models.ForeignKey(OutboundMessage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    happened_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(address=Lower("address")), name="bounce_address_is_lower_case"),
            models.UniqueConstraint(fields=["outbound", "kind"], name="a_mail_bounces_once_a_kind"),
        ]
        indexes = [models.Index(fields=["address", "-happened_at"], name="bounces_of_an_address")]

    def __str__(self) -> str:
        return f"{self.kind} {self.address}"


class StoppedAddress(models.Model):
    """No mail of groups goes here until its owner says so again. The membership stays."""

    address = models.EmailField(unique=True)
    kind = models.CharField(max_length=9, choices=BounceKind.choices)
    stopped_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.address


class Probe(models.Model):
    """An address was asked whether mail still reaches it. Only when that comes back too is mail stopped."""

    address = models.EmailField(unique=True)
    asked_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.address
