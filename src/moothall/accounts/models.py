from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from moothall.core.clock import now


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None) -> User:
        user = self.model(email=email.strip().lower())
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None) -> User:
        user = self.create_user(email, password)
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
        # Whoever may make one on the command line need not prove an address by mail, which may not be set up yet.
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        return user


class Theme(models.TextChoices):
    SYSTEM = "system", "As my device"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class User(AbstractBaseUser, PermissionsMixin):
    """A log-in. What others see of a person is the members' room's Profile."""

    email = models.EmailField(unique=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=now)
    time_zone = models.CharField(max_length=64, default="Europe/London")
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    has_letter_keys = models.BooleanField(default=False, help_text="Turned single-letter keys on (WCAG 2.1.4)")
    mail_paused_until = models.DateField(null=True, blank=True, help_text="No mail of groups before that day")
    mail_is_together = models.BooleanField(default=False, help_text="One digest for all groups instead of one for each")
    mail_quiet_from = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Hour in the time zone above")
    mail_quiet_until = models.PositiveSmallIntegerField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(
                condition=models.Q(mail_quiet_from=None, mail_quiet_until=None)
                | models.Q(mail_quiet_from__range=(0, 23), mail_quiet_until__range=(0, 23)),
                name="quiet_hours_are_hours",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class PostsAfterwards(models.TextChoices):
    KEEP = "keep", "Keep them, under the name ‘Former member’"
    REMOVE = "remove", "Remove them"


class Deletion(models.Model):
    """A person asked for their account to be deleted. Logging in before `due_at` takes it back."""

    GRACE = timedelta(days=14)

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deletion")
    posts_afterwards = models.CharField(max_length=6, choices=PostsAfterwards.choices)
    asked_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"Deletion of {self.user_id}, due {self.due_at:%Y-%m-%d}"


class ExportState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class Export(models.Model):
    """Everything that belongs to one person, as a ZIP in parts: any worker writes it, any web process reads it."""

    LIFETIME = timedelta(days=7)

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="export")
    state = models.CharField(max_length=7, choices=ExportState.choices, default=ExportState.WAITING)
    asked_at = models.DateTimeField(default=now)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"Export of {self.user_id}, {self.state}"

    @property
    def is_under_way(self) -> bool:
        """After an hour somebody may start anew: the worker may have been away."""
        return self.state == ExportState.WAITING and self.asked_at > now() - timedelta(hours=1)


class ExportPart(models.Model):
    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="export_part_once")]

    def __str__(self) -> str:
        return f"Part {self.number} of export {self.export_id}"
