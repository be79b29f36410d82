from __future__ import annotations

from django.db import models
from django.db.models import Q

from moothall.core.clock import now
from moothall.discussions.models import Inbox, Lane, Post, Topic
from moothall.groups.models import Group
from moothall.judging.models import Screening
from moothall.members.models import Profile
from moothall.rules.models import Concern, Rule

# Why a post goes to a manager whatever it reads as.
UNPROVED = "It came by mail, and the mail server could not confirm that this member sent it."
RETURNED_ONCE = "It was returned once."
FLAGGED = "Members flagged it."
HELD_BY_MANAGER = "A manager held it."
_NOT_OF_READING = (UNPROVED, RETURNED_ONCE, FLAGGED, HELD_BY_MANAGER)


class Action(models.TextChoices):
    ACCEPT = "accept", "Accept"
    REROUTE = "reroute", "Move to another lane"
    RETURN = "return", "Return to its author"
    HOLD = "hold", "Hold for a manager"
    REJECT = "reject", "Reject"


class Decision(models.Model):
    """What was decided about a post, by whom and why. Never changed: another decision follows it."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="decisions")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="decisions")
    action = models.CharField(max_length=7, choices=Action.choices)
    lane = models.CharField(max_length=11, choices=Lane.choices)
    decided_by = models.ForeignKey(
        Profile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Empty: the machine"
    )
    is_machine = models.BooleanField()
    reason = models.TextField(max_length=2000, blank=True)
    rule = models.ForeignKey(Rule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    screening = models.ForeignKey(Screening, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    from_topic = models.ForeignKey(
        Topic, null=True, blank=True, on_delete=models.SET_NULL, related_name="moved_away", help_text="Left by a move"
    )
    from_lane = models.CharField(max_length=11, choices=Lane.choices, blank=True)
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.RESTRICT, related_name="undone_by")
    status_before = models.CharField(max_length=9, blank=True)
    inbox_before = models.CharField(max_length=7, choices=Inbox.choices, default=Inbox.SHUT)
    was_doubtful = models.BooleanField(default=False, help_text="The post, before it")
    agreed_count = models.PositiveSmallIntegerField(default=0, help_text="Members whose flags led to it")
    decided_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index(fields=["post", "-decided_at"], name="decision_of_a_post"),
            models.Index(fields=["group", "-decided_at"], name="decision_log"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(is_machine=False) | Q(decided_by=None), name="machines_have_no_profile")
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.post_id}"

    @property
    def is_by_reading(self) -> bool:
        """The machine went by what it read in the post."""
        return self.is_machine and not self.agreed_count and self.reason not in _NOT_OF_READING


class ReviewItem(models.Model):
    """A post that waits for a manager: it is held, or members flagged it."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="review_items")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="review_items")
    opened_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(null=True, blank=True, help_text="By the group's promise; empty for imported posts")
    decision = models.OneToOneField(Decision, null=True, blank=True, on_delete=models.SET_NULL, related_name="item")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post"], condition=Q(decision=None), name="one_open_item_per_post")
        ]
        indexes = [models.Index(fields=["group", "opened_at"], condition=Q(decision=None), name="review_queue")]

    def __str__(self) -> str:
        return f"review of {self.post_id}"


class Flag(models.Model):
    """A member says that a post breaks a rule. Managers see who said so, nobody else does."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="flags")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="flags")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="flags_raised")
    concern = models.CharField(max_length=8, choices=Concern.choices)
    rule = models.ForeignKey(Rule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decision = models.ForeignKey(
        Decision, null=True, blank=True, on_delete=models.SET_NULL, related_name="settled_flags",
        help_text="What a manager decided then; empty while it is open",
    )  # fmt: skip
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "profile"], name="one_flag_per_member_and_post")]
        indexes = [models.Index(fields=["group", "profile", "-created_at"], name="flags_of_a_member")]

    def __str__(self) -> str:
        return f"{self.concern} on {self.post_id}"
