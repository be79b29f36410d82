from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from moothall.core.clock import now
from moothall.discussions.models import Post, Topic
from moothall.groups.models import Group, MailChoice
from moothall.members.models import Profile


class EventKind(models.TextChoices):
    POSTED = "posted", "posted"
    REPLIED = "replied", "replied"
    THANKED = "thanked", "thanked"
    HELD = "held", "held"
    DECIDED = "decided", "decided"
    JOINED = "joined", "joined"
    EARNED = "earned", "earned"


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


class Attitude(models.TextChoices):
    FOLLOW = "follow", "Following"
    MUTE = "mute", "Muted"


class Watch(models.Model):
    """A member follows or mutes a topic or a person: for mail and for the list on the site alike."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="watches")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="watches")
    person = models.ForeignKey(Profile, null=True, blank=True, on_delete=models.CASCADE, related_name="watched_by")
    attitude = models.CharField(max_length=6, choices=Attitude.choices)
    since = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "topic"], condition=Q(topic__isnull=False), name="one_watch_per_topic"
            ),
            models.UniqueConstraint(
                fields=["profile", "person"], condition=Q(person__isnull=False), name="one_watch_per_person"
            ),
            models.CheckConstraint(
                condition=Q(topic__isnull=True) ^ Q(person__isnull=True), name="a_topic_or_a_person_is_watched"
            ),
            models.CheckConstraint(condition=~Q(profile=models.F("person")), name="nobody_watches_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id}: {self.attitude} {self.topic_id or self.person_id}"


class Digest(models.Model):
    """One member's window of one group: built once, sent once."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="digests")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=7, choices=MailChoice.choices)
    since = models.DateTimeField()
    until = models.DateTimeField()
    named_on = models.DateField(
        null=True, blank=True, help_text="The day in the name of its mail; empty: its end on the member's clock"
    )
    topics = ArrayField(models.BigIntegerField(), default=list, help_text="Chosen, in the order of the mail")
    asked = ArrayField(models.BigIntegerField(), default=list, help_text="Those that ask for what the member knows")
    built_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "group", "every", "until"], name="one_digest_per_window"),
        ]
        indexes = [
            models.Index(fields=["built_at"], name="digest_by_age"),
            models.Index(fields=["until"], name="digest_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.every} of {self.group_id} for {self.profile_id}"


class ManagersMail(models.Model):
    """What one manager of one group is mailed at a time of their choice: built once, sent once, never empty."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="managers_mails")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()
    posts = ArrayField(models.BigIntegerField(), default=list, help_text="Those that waited, the oldest first")
    more_count = models.PositiveIntegerField(default=0, help_text="Posts that waited beside these")
    week = models.JSONField(default=dict, blank=True, help_text="The week's figures by name; empty on other days")
    built_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "group", "until"], name="one_managers_mail_per_window"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} for {self.profile_id}"


class Reason(models.TextChoices):
    """Why somebody hears of something; one reason for each, the first that holds."""

    DECIDED = "decided", "It is your post"
    ANSWERED = "answered", "It answers you"
    MENTIONED = "named", "You are named in it"
    MATCHES = "matches", "It asks for what you know"
    FOLLOWED = "followed", "You follow this"
    THANKED = "thanked", "Your post helped somebody"


class Notification(models.Model):
    """A line in the list behind the envelope."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="notifications")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notifications")
    reason = models.CharField(max_length=8, choices=Reason.choices)
    happened_at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "event"], name="told_once_of_each_event")]
        indexes = [
            models.Index(fields=["profile", "-happened_at", "-id"], name="notification_list"),
            models.Index(fields=["profile"], condition=Q(read_at=None), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} for {self.profile_id}"
