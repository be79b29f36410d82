from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from moothall.core.clock import now

NAME_LENGTH = 80


class ProfileState(models.TextChoices):
    MEMBER = "member", "Member"
    PLACEHOLDER = "placeholder", "Known from an imported list, not yet claimed"
    FORMER = "former", "Former member"


class Profile(models.Model):
    """A person as others see them; the author of posts.

    A placeholder stands for somebody known only from imported mail: it has an address to be proved, and no log-in.
    A former member has neither.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    state = models.CharField(max_length=12, choices=ProfileState.choices, default=ProfileState.MEMBER)
    handle = models.SlugField(max_length=90, unique=True)
    name = models.CharField(max_length=NAME_LENGTH)
    headline = models.CharField(max_length=160, blank=True)
    about = models.TextField(blank=True, max_length=8000)
    about_html = models.TextField(blank=True, editable=False)
    knows = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    claim_address = models.EmailField(blank=True, help_text="The address that proves a placeholder's posts")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="profile_has_a_name"),
            models.CheckConstraint(
                condition=Q(state="member", user__isnull=False)
                | (Q(state="placeholder", user__isnull=True) & ~Q(claim_address=""))
                | Q(state="former", user__isnull=True, claim_address=""),
                name="profile_state_fits_its_parts",
                violation_error_message="A member has a log-in, a placeholder an address, a former member neither.",
            ),
            models.CheckConstraint(condition=Q(claim_address=Lower("claim_address")), name="claim_address_lower_case"),
            models.UniqueConstraint(
                fields=["claim_address"], condition=Q(state="placeholder"), name="one_placeholder_per_address"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = [w for w in self.name.split() if w[:1].isalnum()]
        return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"

    @property
    def is_former(self) -> bool:
        return self.state == ProfileState.FORMER


class ServiceQuerySet(models.QuerySet["Service"]):
    def offered(self) -> ServiceQuerySet:
        return self.filter(removed_at=None)


class Service(models.Model):
    """What a member sells: the place for it is the profile."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="services")
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=2000, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, blank=True, help_text="Until the next removal it can be taken back")

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="service_has_a_title")]

    def __str__(self) -> str:
        return self.title
