"""Files that came by mail: for the readers of their post, and always as a file."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from moothall.accounts.models import Deletion, PostsAfterwards
from moothall.core.clock import now
from moothall.discussions.models import Attachment, AttachmentContent, Post, Status
from moothall.posting.delete import delete
from moothall.posting.erasing import erase_due
from moothall.web.topic.attachments import file_name
from tests.browsers import as_
from tests.world import World, new_topic


def attach(post: Post, name: str = "plate.html", data: bytes = b"<script>alert(1)</script>") -> Attachment:
    row = Attachment.objects.create(
        post=post, name=name, content_type="text/html", size_bytes=len(data), is_kept=True
    )  # fmt: skip
    AttachmentContent.objects.create(attachment=row, data=data)
    return row


def fetch(client: Client, world: World, row: Attachment, post: Post | None = None) -> HttpResponse:
    answer: HttpResponse = client.get(  # type: ignore[assignment]  # the test client's own subclass
        reverse("attachment", args=[world.group.slug, (post or row.post).id, row.id])
    )
    return answer


def test_a_file_is_saved_and_never_shown_or_run(world: World) -> None:
    answer = fetch(as_(world.nils), world, attach(world.first))
    assert answer.content == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="plate.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


def test_the_page_offers_it_and_says_what_is_not_kept(world: World) -> None:
    row = attach(world.first)
    Attachment.objects.create(post=world.first, name="old.pdf", content_type="application/pdf", size_bytes=9)
    page = as_(world.nils).get(reverse("topic", args=[world.group.slug, world.topic.id])).content.decode()
    assert reverse("attachment", args=[world.group.slug, world.first.id, row.id]) in page
    assert "old.pdf, 9\xa0bytes, not kept here" in page


def test_a_file_of_another_post_is_not_found_through_this_one(world: World) -> None:
    assert fetch(as_(world.nils), world, attach(world.held), world.first).status_code == 404


def test_a_file_is_as_open_as_its_post(world: World) -> None:
    row = attach(world.held)
    assert fetch(as_(world.mia), world, row).status_code == 404
    assert fetch(as_(world.olga), world, row).status_code == 200
    mias = attach(world.first)
    delete(world.first.id, world.mia.id)
    assert fetch(as_(world.mia), world, mias).status_code == 404


def test_it_ends_with_the_words_of_its_author(world: World) -> None:
    attach(new_topic(world.group, world.mia, "Alone"))
    assert world.mia.user is not None
    Deletion.objects.create(
        user=world.mia.user, posts_afterwards=PostsAfterwards.REMOVE, asked_at=now(), due_at=now()
    )  # fmt: skip
    erase_due()
    assert not AttachmentContent.objects.exists()
    assert Post.objects.filter(author=world.mia).exclude(status=Status.DELETED).count() == 0


def test_names_that_pretend_are_made_plain() -> None:
    assert file_name("../../etc/passwd") == "_.._etc_passwd"
    assert file_name("photo\u202egpj.exe") == "photogpj.exe"
    assert file_name("a\r\nSet-Cookie: x=1") == "a Set-Cookie_ x=1"
    assert file_name("\x00 . ") == "attachment"
