"""Conversations, the composer and drafts."""

from __future__ import annotations

from uuid import uuid4

from moothall.core.clock import now
from moothall.discussions.models import Attachment, AttachmentContent, Draft, Post, Revision, Status
from tests.web.personas.row import Row, Words, everybody, slug
from tests.world import World

STRANGERS = {"sam": 404, "nobody": 404}
MEMBERS = {"olga": 302, "mo": 302, "mia": 302, "nils": 302, **STRANGERS}
MIA_ALONE = {"olga": 404, "mo": 404, "mia": 302, "nils": 404, **STRANGERS}
READERS = {"olga": 200, "mo": 200, "mia": 200, "nils": 200, **STRANGERS}


def topic(world: World) -> Words:
    return {"slug": world.group.slug, "topic_id": world.topic.id}


def held_topic(world: World) -> Words:
    return {"slug": world.group.slug, "topic_id": world.held.topic_id}


def first(world: World) -> Words:
    return {"slug": world.group.slug, "post_id": world.first.id}


def held(world: World) -> Words:
    return {"slug": world.group.slug, "post_id": world.held.id}


def reply(world: World) -> Words:
    return {"slug": world.group.slug, "post_id": world.reply.id}


def deleted(world: World) -> Words:
    Post.objects.filter(id=world.first.id).update(status=Status.DELETED, status_before="published", deleted_at=now())
    return first(world)


def draft(world: World) -> Words:
    return {"draft_id": Draft.objects.create(author=world.mia, group=world.group, text="Begun.").id}


def attached(world: World) -> Words:
    row = Attachment.objects.create(
        post=world.first, name="plate.jpg", content_type="image/jpeg", size_bytes=4, is_kept=True
    )
    AttachmentContent.objects.create(attachment=row, data=b"JFIF")
    return {**first(world), "attachment_id": row.id}


def mailed(world: World) -> Words:
    """What of it each of them reads is told in tests/web/topic/test_change.py."""
    whole = Revision(post=world.first, version=Revision.AS_MAILED, text="The mail.", written_at=world.first.created_at)
    whole.save()
    return first(world)


def text(world: World) -> Words:
    return {"text": "Splice it in green oak.", "title": "Splice or replace?", "kind": "question", "key": uuid4()}


ROWS = [
    Row("topic", READERS, kwargs=topic),
    Row("topic", {"olga": 200, "mo": 200, "mia": 404, "nils": 200, **STRANGERS}, kwargs=held_topic),
    Row("compose", READERS, kwargs=slug),
    Row("compose", MEMBERS, "post", slug, text),
    Row("preview", READERS, "post", slug, text),
    Row("draft_keep", READERS, "post", slug, text),
    Row("reply", MEMBERS, kwargs=topic),
    Row("reply", MEMBERS, "post", topic, text),
    Row("post_edit", MIA_ALONE | {"mia": 200}, kwargs=first),
    Row("post_edit", MIA_ALONE, "post", first, lambda world: {**text(world), "seen_version": 1}),
    Row("post_revisions", READERS, kwargs=first),
    Row("post_revisions", READERS, kwargs=mailed),
    Row("post_revisions", {"olga": 200, "mo": 200, "mia": 404, "nils": 200, **STRANGERS}, kwargs=held),
    Row("post_delete", MIA_ALONE, "post", first),
    Row("post_restore", MIA_ALONE, "post", deleted),
    Row("post_thank", MEMBERS, "post", first),
    Row("post_unthank", MEMBERS, "post", first),
    Row("post_answer", MEMBERS, "post", reply),
    Row("post_unanswer", MEMBERS, "post", reply),
    Row("attachment", READERS, kwargs=attached),
    Row("post_flag", MEMBERS, "post", reply, lambda world: {"reason": "advert"}),
    Row("post_unflag", MEMBERS, "post", reply),
    Row("drafts", everybody(200) | {"nobody": 302}),
    Row("draft_delete", {"olga": 404, "mo": 404, "mia": 302, "nils": 404, "sam": 404, "nobody": 302}, "post", draft),
]
