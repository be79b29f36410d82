from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from moothall.core.clock import now
from moothall.groups.models import Group, Membership
from moothall.members.models import Profile

TITLE_LENGTH = 200
TEXT_BYTES = 64 * 1024


class Lane(models.TextChoices):
    DISCUSSIONS = "discussions", "Discussions"
    PROMOTIONS = "promotions", "Promotions"
    JOBS = "jobs", "Jobs"


class Kind(models.TextChoices):
    DISCUSSION = "discussion", "Discussion"
    QUESTION = "question", "Question"
    REQUEST = "request", "Recommendation wanted"
    EXPERTISE = "expertise", "Know-how"
    EVENT = "event", "Event"
    JOB = "job", "Job"
    PROMOTION = "promotion", "Promotion"

    @property
    def lane(self) -> Lane:
        return {Kind.PROMOTION: Lane.PROMOTIONS, Kind.JOB: Lane.JOBS}.get(self, Lane.DISCUSSIONS)

    @property
    def waits_for_an_answer(self) -> bool:
        return self in (Kind.QUESTION, Kind.REQUEST)


KIND_OF_LANE = {kind.lane: kind for kind in (Kind.PROMOTION, Kind.JOB)}


def shown_as(kind: Kind, topic: str) -> Q:
    """What `Topic.shown_kind` is for a query; `topic` is the path to the topic."""
    chosen = Q((f"{topic}__kind", kind), (f"{topic}__lane", Lane.DISCUSSIONS))
    return chosen | Q((f"{topic}__lane", kind.lane)) if kind.lane in KIND_OF_LANE else chosen


class Status(models.TextChoices):
    PUBLISHED = "published", "Published"
    HELD = "held", "Waiting for a manager"
    RETURNED = "returned", "Returned to its author"
    REJECTED = "rejected", "Rejected"
    DELETED = "deleted", "Deleted"


class Inbox(models.TextChoices):
    """What the inbox's gate said of a post: docs/policy.md."""

    OPEN = "open", "May be mailed"
    EARNING = "earning", "May be mailed once enough members have read it"
    SHUT = "shut", "Is not mailed"


class Source(models.TextChoices):
    WEB = "web", "Written on the site"
    API = "api", "By the API"
    MAIL = "mail", "By e-mail"
    IMPORT = "import", "Imported"
    DEMO = "demo", "Demo"

    @property
    def proves_author(self) -> bool:
        """Anybody can write a manager's name into a mail, so there it carries no weight."""
        return self not in (Source.MAIL, Source.IMPORT)


class Topic(models.Model):
    """A conversation. Status and lane are its first post's, kept here so that the feed reads one index.

    The counts and `rank_at` are kept by discussions.ranking.recount.
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="topics")
    author = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="topics")
    title = models.CharField(max_length=TITLE_LENGTH)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.DISCUSSION)
    lane = models.CharField(max_length=11, choices=Lane.choices, default=Lane.DISCUSSIONS)
    status = models.CharField(max_length=9, choices=Status.choices)
    created_at = models.DateTimeField(default=now)
    people_count = models.PositiveIntegerField(default=1, help_text="Different people who talk, the author included")
    reply_count = models.PositiveIntegerField(default=0)
    thanked_count = models.PositiveIntegerField(default=0, help_text="Different people who said that it helped")
    answer = models.ForeignKey("Post", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    last_post_at = models.DateTimeField(default=now)
    last_author = models.ForeignKey(Profile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    rank_at = models.DateTimeField(default=now, help_text="As fresh as if posted then: docs/policy.md")
    is_paced = models.BooleanField(default=False, help_text="Shares a fixed part of the feed with others like it")
    is_unanswered = models.BooleanField(default=False, help_text="A question or request that nobody else answered")
    is_removed = models.BooleanField(
        default=False, help_text="It ended with its author's account: no comment brings it back"
    )
    thread_key = models.CharField(max_length=255, blank=True, help_text="What its mails share, where they came by mail")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "thread_key"], condition=~Q(thread_key=""), name="thread_key_once_a_group"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="topic_has_a_title"),
            models.CheckConstraint(condition=Q(people_count__gte=0), name="topic_people_count"),
        ]
        indexes = [
            models.Index(
                fields=["group", "lane", "is_paced", "-rank_at", "-id"],
                condition=Q(status="published"),
                name="topic_feed",
            ),
            models.Index(
                fields=["group", "lane", "-created_at", "-id"], condition=Q(status="published"), name="topic_newest"
            ),
            models.Index(
                fields=["group", "lane", "-created_at", "-id"],
                condition=Q(status="published", is_unanswered=True),
                name="topic_unanswered",
            ),
            models.Index(fields=["author", "-created_at"], name="topic_by_author"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def lane_value(self) -> Lane:
        return Lane(self.lane)

    @property
    def shown_kind(self) -> Kind:
        """What readers are told that it is: in their lanes an offer or a job, whatever its author called it."""
        return KIND_OF_LANE.get(self.lane_value, Kind(self.kind))

    @property
    def is_answered(self) -> bool:
        """What answered can be read here, and was not deleted, held or moved away since. Load `answer` with it."""
        answer = self.answer
        return answer is not None and answer.status == Status.PUBLISHED and answer.topic_id == self.id


class PostQuerySet(models.QuerySet["Post"]):
    def published(self) -> PostQuerySet:
        return self.filter(status=Status.PUBLISHED, topic__status=Status.PUBLISHED)

    def mailable(self) -> PostQuerySet:
        """Published posts that the inbox's gate lets through; every mail asks anew at the moment of sending.

        A comment carries its topic's title with it, so the first post must be fit for the inbox too; an archive's is,
        unless it was doubtful.
        """
        fit = Q(inbox=Inbox.OPEN) | Q(source=Source.IMPORT, is_doubtful=False)
        begins = Post.objects.filter(fit, topic=OuterRef("topic"), is_first=True, is_flagged=False)
        return self.published().filter(
            Exists(begins), inbox=Inbox.OPEN, is_flagged=False, is_beyond_reach=False, group__closed_at=None
        )

    def readable_by(self, profile: Profile | None) -> PostQuerySet:
        """What this person may read: published posts of readable groups, one's own, and what one manages.

        Every reader of posts (feed, search, mail, digest, API, feeds) starts here.
        """
        open_to_all = Q(
            status=Status.PUBLISHED,
            topic__status=Status.PUBLISHED,
            group__in=Group.objects.readable_by(profile).values("id"),
        )
        if profile is None:
            return self.filter(open_to_all)
        joined = Membership.objects.active().filter(profile=profile, group__closed_at=None)
        own = Q(author=profile, group__in=joined.values("group"))
        managed = Q(group__in=joined.managers().values("group"))
        return self.filter(open_to_all | ((own | managed) & ~Q(status=Status.DELETED)))

    def written_outside(self, author: Profile) -> PostQuerySet:
        """What this person wrote, deleted or not, in groups in which they take no part.

        They have left, the group was closed to them or to all, or they claimed it from the archive of one they never
        joined.
        """
        return self.filter(author=author).exclude(group__in=Group.objects.joined_by(author).values("id"))

    def with_own_title(self) -> PostQuerySet:
        """`own_title` is what the author called a first post, also where its conversation goes on without it."""
        kept = Revision.objects.filter(post=OuterRef("id"), version=OuterRef("version")).values("title")
        return self.annotate(own_title=Coalesce(Subquery(kept), F("topic__title")))


class Post(models.Model):
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="posts")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="posts")
    author = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="posts")
    reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies")
    is_first = models.BooleanField(default=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.DISCUSSION)
    lane = models.CharField(max_length=11, choices=Lane.choices, default=Lane.DISCUSSIONS)
    status = models.CharField(max_length=9, choices=Status.choices)
    status_before = models.CharField(max_length=9, choices=Status.choices, blank=True, help_text="Before deletion")
    source = models.CharField(max_length=6, choices=Source.choices, default=Source.WEB)
    text = models.TextField()
    html = models.TextField(editable=False)
    is_doubtful = models.BooleanField(default=False, help_text="Readable, but does not lift its topic")
    is_unproved = models.BooleanField(default=False, help_text="By mail whose sender could not be confirmed")
    inbox = models.CharField(max_length=7, choices=Inbox.choices, default=Inbox.SHUT, help_text="The inbox's gate")
    reach = models.PositiveIntegerField(default=0, help_text="Inboxes it used up of its author's budget")
    is_beyond_reach = models.BooleanField(default=False, help_text="Not mailed: the author's budget was used up")
    inbox_at = models.DateTimeField(default=now, help_text="Since when the gate says so")
    is_flagged = models.BooleanField(default=False, help_text="Not mailed: members say that it breaks a rule")
    created_at = models.DateTimeField(default=now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="Counts edits; an edit must name the one it saw")
    message_id = models.CharField(max_length=255, blank=True, help_text="RFC 5322, without brackets")
    submission_key = models.UUIDField(null=True, blank=True, help_text="The form that sent it: a second send is known")
    thanked_count = models.PositiveIntegerField(default=0)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic"], condition=Q(is_first=True), name="one_first_post_per_topic"),
            models.UniqueConstraint(
                fields=["group", "message_id"], condition=~Q(message_id=""), name="message_id_once_a_group"
            ),
            models.UniqueConstraint(
                fields=["author", "submission_key"],
                condition=Q(submission_key__isnull=False),
                name="submission_key_once_an_author",
            ),
            models.CheckConstraint(
                condition=Q(status="deleted", deleted_at__isnull=False) | (~Q(status="deleted") & Q(deleted_at=None)),
                name="deleted_posts_say_when",
            ),
        ]
        indexes = [
            models.Index(fields=["topic", "created_at", "id"], name="post_in_topic"),
            models.Index(fields=["author", "-created_at"], name="post_by_author"),
            models.Index(fields=["group", "status", "-created_at"], name="post_by_status"),
            models.Index(fields=["created_at"], condition=Q(inbox="earning"), name="post_earning_its_way"),
            models.Index(
                fields=["group", "-inbox_at"], condition=Q(status="published", inbox="open"), name="post_mailable_since"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"

    @property
    def lane_value(self) -> Lane:
        return Lane(self.lane)

    @property
    def kind_value(self) -> Kind:
        return Kind(self.kind)

    @property
    def is_quotable(self) -> bool:
        """Whoever quotes it does not make it their own; of what waits, is doubtful or stands in Promotions, nobody
        shall bring a copy into the mail."""
        return self.status == Status.PUBLISHED and not self.is_doubtful and self.lane != Lane.PROMOTIONS

    @property
    def shown_kind(self) -> Kind:
        """Of a first post its conversation's. Load `topic` with it."""
        return self.topic.shown_kind if self.is_first else Kind(self.kind)

    @property
    def is_left_behind(self) -> bool:
        """Its author deleted it while it waited, and the conversation goes on: put back, it would hide the others'
        words. Load `topic` with it."""
        is_gone = self.is_first and self.status == Status.DELETED and self.status_before != Status.PUBLISHED
        return is_gone and self.topic.status == Status.PUBLISHED


class Revision(models.Model):
    """A post as it was before an edit, or a mail as it came, of which no verdict has read what was cut off."""

    AS_MAILED = 0  # its version

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["post", "version"], name="one_revision_per_version")]

    def __str__(self) -> str:
        return f"{self.post_id} version {self.version}"


class Attachment(models.Model):
    """What a mail carried. Of archives it is listed, and not kept."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size_bytes = models.PositiveBigIntegerField()
    is_kept = models.BooleanField(default=False, help_text="Its content can be fetched")

    def __str__(self) -> str:
        return self.name


class AttachmentContent(models.Model):
    """In the database, so that a backup has it, and so that it ends with its post."""

    attachment = models.OneToOneField(Attachment, primary_key=True, on_delete=models.CASCADE, related_name="content")
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"content of {self.attachment_id}"


class Thank(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="thanks")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="thanks_given")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "profile"], name="thank_once")]

    def __str__(self) -> str:
        return f"{self.profile} thanks {self.post_id}"


class Draft(models.Model):
    """What somebody has begun to write, kept on the server."""

    author = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="drafts")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    reply_to = models.ForeignKey(Post, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.DISCUSSION)
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    text = models.TextField(blank=True)
    window = models.UUIDField(null=True, blank=True, help_text="The form, open in a browser, that kept it last")
    updated_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-updated_at"]
        constraints = [models.UniqueConstraint(fields=["author", "window"], name="one_draft_per_window")]

    def __str__(self) -> str:
        return self.title or self.text[:60]


class TopicRead(models.Model):
    """How far a member has read: what is newer is bold."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="reads")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "topic"], name="one_read_mark_per_topic")]

    def __str__(self) -> str:
        return f"{self.profile_id} read {self.topic_id}"
