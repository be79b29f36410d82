from __future__ import annotations

from django.db import models
from django.db.models import Q

from moothall.core.clock import now
from moothall.groups.models import Group
from moothall.members.models import Profile


class RulesEdition(models.Model):
    """All rules of a group as they stood from one moment on. Never changed: a change is a new edition."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="rules_editions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField(default=now)
    published_by = models.ForeignKey(Profile, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["group", "number"], name="rules_edition_number")]

    def __str__(self) -> str:
        return f"{self.group}, edition {self.number}"


class Concern(models.TextChoices):
    """What a rule is about, so that a decision can quote the right one."""

    OFFERS = "offers", "Selling and promoting"
    TOPIC = "topic", "The shared interest"
    JOBS = "jobs", "Jobs"
    CONDUCT = "conduct", "How we treat each other"
    OTHER = "other", "Something else"


class Rule(models.Model):
    edition = models.ForeignKey(RulesEdition, on_delete=models.CASCADE, related_name="rules")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=400)
    concern = models.CharField(max_length=8, choices=Concern.choices, default=Concern.OTHER)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="rule_number_in_edition"),
            models.CheckConstraint(condition=~Q(text="") & Q(number__gte=1), name="rule_has_number_and_text"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"
