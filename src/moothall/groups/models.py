from __future__ import annotations

from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Lower, Now

from moothall.core.clock import now
from moothall.members.models import Profile


class Joining(models.TextChoices):
    OPEN = "open", "Anybody may join"
    APPROVAL = "approval", "A manager says yes"
    INVITATION = "invitation", "By invitation only"


class Visibility(models.TextChoices):
    PRIVATE = "private", "Only members know of it"
    LISTED = "listed", "Anybody may find it; only members read posts"
    PUBLIC = "public", "Anybody may read posts"


class Policy(models.TextChoices):
    RELAXED = "relaxed", "Relaxed"
    BALANCED = "balanced", "Balanced"
    STRICT = "strict", "Strict"


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MODERATOR = "moderator", "Moderator"
    MEMBER = "member", "Member"


class MailChoice(models.TextChoices):
    INSTANT = "instant", "Instant"
    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"
    NONE = "none", "None"


class MembershipState(models.TextChoices):
    ACTIVE = "active", "Active"
    PENDING = "pending", "Waiting for a manager"
    LEFT = "left", "Left"
    BANNED = "banned", "Banned"


class GroupQuerySet(models.QuerySet["Group"]):
    def readable_by(self, profile: Profile | None) -> GroupQuerySet:
        """Groups whose posts this person may read."""
        if profile is None:
            return self.filter(visibility=Visibility.PUBLIC, closed_at=None)
        mine = Membership.objects.filter(profile=profile)
        banned = mine.filter(state=MembershipState.BANNED).values("group")
        active = mine.active().values("group")
        shown = Q(id__in=active) | Q(visibility=Visibility.PUBLIC)
        return self.filter(shown, closed_at=None).exclude(id__in=banned)

    def joined_by(self, profile: Profile) -> GroupQuerySet:
        """Groups in which this person takes part. Nobody does in a closed one."""
        active = Membership.objects.active().filter(profile=profile)
        return self.filter(id__in=active.values("group"), closed_at=None)

    def findable_by(self, profile: Profile | None) -> GroupQuerySet:
        """Groups whose existence this person may learn of: listed, public, and their own."""
        shown = Q(visibility__in=[Visibility.LISTED, Visibility.PUBLIC])
        if profile is None:
            return self.filter(shown, closed_at=None)
        own = Membership.objects.filter(profile=profile).exclude(state=MembershipState.LEFT).values("group")
        return self.filter(shown | Q(id__in=own), closed_at=None)

    def with_members_counted(self) -> GroupQuerySet:
        """`members` is how many take part."""
        return self.annotate(members=Count("memberships", filter=Q(memberships__state=MembershipState.ACTIVE)))


class Group(models.Model):
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    purpose = models.TextField(max_length=600, help_text="The stated interest: what posts are held against")
    joining = models.CharField(max_length=12, choices=Joining.choices, default=Joining.OPEN)
    join_question = models.CharField(max_length=240, blank=True)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.PRIVATE)
    may_be_indexed = models.BooleanField(default=False, help_text="Search engines may list it")
    policy = models.CharField(max_length=8, choices=Policy.choices, default=Policy.BALANCED)
    promise_hours = models.PositiveSmallIntegerField(default=12, help_text="Held posts are looked at within")
    search_config = models.CharField(max_length=20, default="english", help_text="PostgreSQL text search dictionary")
    created_at = models.DateTimeField(default=now)
    ownership_offered_to = models.ForeignKey(
        Profile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Until they accept"
    )
    closed_at = models.DateTimeField(null=True, blank=True, help_text="Removed for good 30 days later")

    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(purpose="") & ~Q(name=""), name="group_states_its_interest"),
            models.CheckConstraint(
                condition=Q(may_be_indexed=False) | Q(visibility="public"), name="only_public_groups_are_indexed"
            ),
            models.CheckConstraint(condition=Q(promise_hours__range=(1, 72)), name="promise_between_1_and_72_hours"),
            models.UniqueConstraint(Lower("slug"), name="group_slug_unique_without_case"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def policy_preset(self) -> Policy:
        return Policy(self.policy)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> MembershipQuerySet:
        """Of those who take part, if the group is open; neither left nor banned, nor waiting to be let in."""
        return self.filter(state=MembershipState.ACTIVE)

    def asking(self) -> MembershipQuerySet:
        """Of those who wait for a manager to let them in."""
        return self.filter(state=MembershipState.PENDING)

    def managers(self) -> MembershipQuerySet:
        """Owners and moderators."""
        return self.active().exclude(role=Role.MEMBER)


class Membership(models.Model):
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    state = models.CharField(max_length=8, choices=MembershipState.choices, default=MembershipState.ACTIVE)
    answer = models.TextField(max_length=1000, blank=True, help_text="To the group's question on joining")
    rules_edition = models.PositiveIntegerField(default=0, help_text="The edition of the rules that was accepted")
    rules_accepted_at = models.DateTimeField(null=True, blank=True)
    has_standing = models.BooleanField(default=False, help_text="Earned by taking part; see docs/policy.md")
    joined_at = models.DateTimeField(default=now, db_default=Now())
    mail_discussions = models.CharField(max_length=7, choices=MailChoice.choices, default=MailChoice.WEEKLY)
    mail_promotions = models.CharField(max_length=7, choices=MailChoice.choices, default=MailChoice.NONE)
    mail_jobs = models.CharField(max_length=7, choices=MailChoice.choices, default=MailChoice.NONE)
    mail_keeping = models.CharField(
        max_length=7, choices=MailChoice.choices, default=MailChoice.DAILY, help_text="Of managers: what waits for them"
    )
    mail_keeping_hour = models.PositiveSmallIntegerField(default=8, help_text="On the member's own clock")
    mail_keeping_weekday = models.PositiveSmallIntegerField(default=0, help_text="Of the week's figures; 0 is Monday")
    mail_chosen_at = models.DateTimeField(null=True, blank=True, help_text="Empty: as it was on joining")
    banned_reason = models.CharField(max_length=400, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True, help_text="A manager did not let them in")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "profile"], name="one_membership_per_group"),
            models.UniqueConstraint(fields=["group"], condition=Q(role="owner"), name="one_owner_per_group"),
            models.CheckConstraint(condition=Q(role="member") | Q(state="active"), name="managers_are_active_members"),
            models.CheckConstraint(condition=~Q(mail_keeping="instant"), name="managers_mail_is_not_instant"),
            models.CheckConstraint(
                condition=Q(mail_keeping_hour__range=(0, 23), mail_keeping_weekday__range=(0, 6)),
                name="managers_mail_has_hour_and_weekday",
            ),
        ]
        indexes = [models.Index(fields=["group", "state", "role", "joined_at"], name="membership_list")]

    def __str__(self) -> str:
        return f"{self.profile} in {self.group}"

    def mail_of(self, lane: str) -> MailChoice:
        """What the member chose for the lane of that name, or for `keeping`, the managers' mail."""
        return MailChoice(getattr(self, f"mail_{lane}"))

    @property
    def is_manager(self) -> bool:
        return self.role != Role.MEMBER and self.state == MembershipState.ACTIVE


class Invitation(models.Model):
    """A secret link that lets one person in; only its SHA-256 is kept."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField(blank=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(Profile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(
        null=True, blank=True, help_text="Given to the mailer; empty: somebody sent the link"
    )

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "address"], condition=Q(mailed_at__isnull=False), name="one_mailed_invitation"
            ),
            models.CheckConstraint(
                condition=Q(mailed_at=None) | ~Q(address=""), name="mailed_invitation_has_an_address"
            ),
            models.CheckConstraint(condition=Q(address=Lower("address")), name="invitation_address_is_lower_case"),
        ]

    def __str__(self) -> str:
        return f"Invitation to {self.group}"


class UninvitedAddress(models.Model):
    """Somebody asked never to be invited by mail again; of the address only an HMAC of its SHA-256 is kept."""

    address_hash = models.CharField(max_length=64, primary_key=True)
    asked_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name_plural = "uninvited addresses"

    def __str__(self) -> str:
        return self.address_hash[:12]


class Setting(models.TextChoices):
    """The settings of a group, by the names of its fields."""

    NAME = "name", "Name"
    PURPOSE = "purpose", "The shared interest"
    JOINING = "joining", "How people join"
    JOIN_QUESTION = "join_question", "Asked on joining"
    VISIBILITY = "visibility", "Who may find and read it"
    MAY_BE_INDEXED = "may_be_indexed", "Search engines may list it"
    POLICY = "policy", "How soon a post is held"
    PROMISE_HOURS = "promise_hours", "Held posts are looked at within"
    SEARCH_CONFIG = "search_config", "Language of most posts"


class SettingsChange(models.Model):
    """Who changed one setting, from what to what. Never changed itself."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="settings_changes")
    setting = models.CharField(max_length=14, choices=Setting.choices)
    before = models.TextField(max_length=600, blank=True)
    after = models.TextField(max_length=600, blank=True)
    changed_by = models.ForeignKey(Profile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="settings_change_is_one"),
            models.CheckConstraint(condition=Q(setting__in=Setting.values), name="settings_change_names_a_setting"),
        ]
        indexes = [models.Index(fields=["group", "-changed_at"], name="settings_changes_of_a_group")]

    def __str__(self) -> str:
        return f"{self.setting} of {self.group_id}"
