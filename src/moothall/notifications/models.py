from __future__ import annotations

from django.db import models

from moothall.core.clock import now
from moothall.discussions.models import Post, Topic
from moothall.groups.models import Group
from moothall.members.models import Profile


class EventKind(models.TextChoices):
    POSTED = "posted", "posted"
    REPLIED = "replied", "replied"
    THANKED = "thanked", "thanked"
    HELD = "held", "held"
    DECIDED = "decided", "decided"
    JOINED = "joined", "joined"


class Event(models.Model):
    """Something that happened, written in the transaction in which it happened."""

    kind = models.CharField(max_length=8, choices=EventKind.choices)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="events")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    actor = models.ForeignKey(Profile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    concerns = models.ForeignKey(Profile, null=True, blank=True, on_delete=models.CASCADE, related_name="events")
    happened_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index(fields=["concerns", "-happened_at"], name="event_for_a_member"),
            models.Index(fields=["group", "-happened_at"], name="event_in_a_group"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.post_id}"
