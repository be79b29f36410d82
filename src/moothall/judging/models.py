from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from moothall.core.clock import now
from moothall.discussions.models import Post
from moothall.groups.models import Group


class Screening(models.Model):
    """A verdict as it was given for one version of a post, by one version of the model."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="screenings")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    post_version = models.PositiveIntegerField(default=1)
    model_version = models.CharField(max_length=40)
    promotion = models.FloatField()
    fit = models.FloatField()
    kind = models.CharField(max_length=10)
    kinds = models.JSONField(help_text="Probability of each kind")
    language = models.CharField(max_length=8)
    evidence = models.JSONField(help_text="List of {source, log_odds, reason, spans}")
    duplicate_keys = ArrayField(models.BigIntegerField(), default=list)
    screened_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "post_version", "model_version"], name="one_verdict_per_model"),
            models.CheckConstraint(
                condition=Q(promotion__range=(0, 1)) & Q(fit__range=(0, 1)), name="verdict_in_range"
            ),
        ]
        indexes = [GinIndex(fields=["duplicate_keys"], name="screening_duplicates")]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.promotion:.2f}"


class GroupMemory(models.Model):
    """What a group's managers taught the screener, without any text: see the library's GroupModel."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, primary_key=True, related_name="memory")
    edition = models.PositiveIntegerField(default=1, help_text="Tells a process that its copy is old")
    model = models.BinaryField()
    model_version = models.CharField(max_length=40)
    learnt_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name_plural = "group memories"

    def __str__(self) -> str:
        return f"{self.group_id}, edition {self.edition}"


class Rereading(models.Model):
    """One going over a group's posts with the screener of today, post by post; `last_post` is how far it has come."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    model_version = models.CharField(max_length=40)
    total = models.PositiveIntegerField(help_text="Posts to be read when it began")
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0, help_text="Posts that became doubtful, or cleared")
    would_hold = models.PositiveIntegerField(default=0, help_text="Posts that stand, and would be held today")
    last_post = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group"], condition=Q(finished_at=None), name="one_rereading_of_a_group_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.done} of {self.total}"
