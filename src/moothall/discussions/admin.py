from __future__ import annotations

from django.contrib import admin

from moothall.core.staff_lists import ReadOnlyStaffList
from moothall.discussions.models import Attachment, Draft, Post, Revision, Thank, Topic


@admin.register(Topic)
class TopicList(ReadOnlyStaffList):
    list_display = ("title", "group", "author", "kind", "lane", "status", "people_count", "reply_count", "created_at")
    list_filter = ("status", "lane", "kind", "is_paced", "is_unanswered")
    list_select_related = ("group", "author")
    search_fields = ("title", "group__slug", "author__handle")


class AttachmentsOfPost(admin.TabularInline):  # type: ignore[type-arg]  # can't be subscripted at run time
    model = Attachment
    extra = 0
    can_delete = False


@admin.register(Post)
class PostList(ReadOnlyStaffList):
    list_display = ("__str__", "group", "kind", "lane", "status", "source", "is_doubtful", "created_at")
    list_filter = ("status", "lane", "kind", "source", "is_doubtful")
    list_select_related = ("group", "author")
    search_fields = ("author__name", "author__handle", "group__slug", "topic__title", "=message_id")
    inlines = (AttachmentsOfPost,)


@admin.register(Revision)
class RevisionList(ReadOnlyStaffList):
    list_display = ("post", "version", "title", "written_at")
    list_filter = ("written_at",)
    list_select_related = ("post__author",)
    search_fields = ("=post__id", "title")


@admin.register(Thank)
class ThankList(ReadOnlyStaffList):
    list_display = ("profile", "post", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("profile", "post__author")
    search_fields = ("profile__handle", "post__author__handle")


@admin.register(Draft)
class DraftList(ReadOnlyStaffList):
    """That there is a draft, not what it says: nobody has sent it yet."""

    list_display = ("author", "group", "kind", "updated_at")
    list_filter = ("kind", "updated_at")
    list_select_related = ("author", "group")
    search_fields = ("author__handle", "group__slug")
    list_display_links = None
    exclude = ("title", "text")
