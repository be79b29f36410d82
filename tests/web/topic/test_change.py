from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from moothall.core.clock import now
from moothall.discussions.models import Inbox, Lane, Post, Revision, Source, Status, Topic
from moothall.groups.models import Group, Visibility
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action
from moothall.web.topic.diff import PARTS_MOST, ChangeKind, changes
from tests.browsers import as_
from tests.world import World, new_group, new_reply, new_topic

NEWER = "Is a spliced length ever the honest answer? The post above is sound."


def edit(world: World, profile: Profile, post: Post, **fields: object) -> HttpResponse:
    given_fields = {"kind": "question", "title": "Sole plate gone", "text": NEWER, "seen_version": 1, "go": "post"}
    address = reverse("post_edit", args=[world.group.slug, post.id])
    return as_(profile).post(address, given_fields | fields)  # type: ignore[return-value]


def revisions(world: World, profile: Profile, post: Post, query: str = "") -> HttpResponse:
    return as_(profile).get(reverse("post_revisions", args=[world.group.slug, post.id]) + query)  # type: ignore[return-value]


def test_edit_changes_title_and_text_and_is_marked(world: World) -> None:
    answer = edit(world, world.mia, world.first)
    html = answer.client.get(answer.headers["Location"]).content.decode()  # type: ignore[attr-defined]
    assert "<h1>Sole plate gone</h1>" in html
    assert "The post above is sound." in html
    assert "edited " in html


def test_only_the_author_edits(world: World) -> None:
    assert edit(world, world.olga, world.first).status_code == 404
    assert Post.objects.get(id=world.first.id).version == 1


def test_post_is_edited_only_in_its_own_group(world: World) -> None:
    elsewhere = new_topic(new_group("gardens"), world.mia)
    assert edit(world, world.mia, elsewhere).status_code == 404


def test_of_two_edits_at_once_the_second_sees_both_texts_and_loses_nothing(world: World) -> None:
    edit(world, world.mia, world.first)
    second = edit(world, world.mia, world.first, text="My other version.", title="Another title")
    html = second.content.decode()
    assert second.status_code == 422
    assert "changed in another window" in html
    assert NEWER in html
    assert "My other version." in html
    assert 'value="Another title"' in html
    assert 'name="seen_version" value="2"' in html
    assert Post.objects.get(id=world.first.id).text == NEWER
    edit(world, world.mia, world.first, text="My other version.", title="Another title", seen_version=2)
    assert Post.objects.get(id=world.first.id).text == "My other version."


def test_refused_edit_keeps_what_was_typed(world: World) -> None:
    html = edit(world, world.mia, world.first, title="").content.decode()
    assert NEWER in html
    assert 'id="title-err"' in html


def test_forged_version_is_a_version_not_seen(world: World) -> None:
    assert edit(world, world.mia, world.first, seen_version="x\x00").status_code == 422


def previewed(profile: Profile, world: World, post: Post, **fields: object) -> str:
    """As the page with script asks for it, and as the form does without."""
    given_fields = {"kind": "question", "title": "Sole plate gone", "text": NEWER, "seen_version": 1}
    asked = {**given_fields, **fields, "post": post.id}
    part = as_(profile).post(reverse("preview", args=[world.group.slug]), asked).content.decode()
    whole = edit(world, profile, post, **fields, go="preview").content.decode()
    assert part.strip() in whole
    return part


def test_preview_of_an_edited_reply_asks_for_no_title(world: World) -> None:
    html = previewed(world.mo, world, world.reply, title="")
    assert "It would appear at once in Discussions" in html
    assert "Give it a title" not in html


def test_preview_of_what_was_returned_says_that_it_goes_to_a_manager(world: World) -> None:
    decide(world.first.id, Choice(Action.RETURN), world.mo.id)
    html = previewed(world.mia, world, world.first)
    assert "a manager would look at it first" in html
    assert "choose ‘Promotion’" not in html


def test_preview_of_an_edit_says_that_it_stays_where_a_manager_moved_it(world: World) -> None:
    decide(world.first.id, Choice(Action.REROUTE), world.mo.id)
    assert "It would appear at once in Promotions" in previewed(world.mia, world, world.first)


def test_preview_of_an_edit_promises_no_second_mail(world: World) -> None:
    Post.objects.filter(id=world.first.id).update(inbox=Inbox.OPEN)
    assert "would be mailed" not in previewed(world.mia, world, world.first)


def test_nobody_previews_an_edit_of_anothers_post(world: World) -> None:
    asked = {"kind": "question", "title": "Sole plate gone", "text": NEWER, "post": world.reply.id}
    assert as_(world.mia).post(reverse("preview", args=[world.group.slug]), asked).status_code == 404


def test_preview_of_an_edit_changes_nothing(world: World) -> None:
    html = edit(world, world.mia, world.first, go="preview", text="So **bold**.").content.decode()
    assert "So <strong>bold</strong>." in html
    assert Post.objects.get(id=world.first.id).version == 1


def test_reply_is_edited_without_a_title(world: World) -> None:
    form = as_(world.mo).get(reverse("post_edit", args=[world.group.slug, world.reply.id])).content.decode()
    assert 'name="title"' not in form
    edit(world, world.mo, world.reply, text="Splice it in green oak, of the same section, and leave a slate below.")
    assert "green oak" in Post.objects.get(id=world.reply.id).html
    assert Topic.objects.get(id=world.topic.id).title == "Sole plate gone at the north corner"


def test_history_shows_what_was_removed_and_added(world: World) -> None:
    edit(world, world.mia, world.first)
    html = revisions(world, world.nils, world.first).content.decode()
    assert "<ins> The post above is sound.</ins>" in html
    assert "<del>**</del>spliced<del>**</del>" in html


def test_history_is_text_and_never_markup(world: World) -> None:
    edit(world, world.mia, world.first, text="<script>alert(1)</script> and so on about the sole plate")
    html = revisions(world, world.nils, world.first).content.decode()
    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html


def test_history_of_a_post_that_waited_stays_with_author_and_managers(world: World) -> None:
    decide(world.held.id, Choice(Action.HOLD, Lane.DISCUSSIONS, "", None), world.mo.id)
    decide(world.held.id, Choice(Action.ACCEPT, Lane.DISCUSSIONS, "", None), world.mo.id)
    edit(world, world.nils, world.held, kind="discussion")
    assert "stay between its author and the managers" in revisions(world, world.mia, world.held).content.decode()
    assert "What the edit of version 1 changed" in revisions(world, world.nils, world.held).content.decode()
    assert "What the edit of version 1 changed" in revisions(world, world.mo, world.held).content.decode()


@pytest.mark.parametrize("query", ["", "?version=0"])
@pytest.mark.parametrize("person", ["olga", "mo", "mia", "nils", "sam", "nobody"])
def test_what_was_cut_off_a_mail_is_for_its_author_and_the_managers(world: World, person: str, query: str) -> None:
    Group.objects.update(visibility=Visibility.PUBLIC)
    Post.objects.filter(id=world.first.id).update(source=Source.MAIL)
    Revision.objects.create(
        post=world.first, version=Revision.AS_MAILED, text="Call the roofers.", written_at=world.first.created_at
    )
    sees = person in ("olga", "mo", "mia")
    client = Client() if person == "nobody" else as_(getattr(world, person))
    page = client.get(reverse("post_revisions", args=[world.group.slug, world.first.id]) + query).content.decode()
    topic = client.get(reverse("topic", args=[world.group.slug, world.topic.id])).content.decode()

    assert ("roofers" in page, "The whole mail" in page) == (sees, sees)
    assert ('/revisions/">by e-mail</a>' in topic, "<span>by e-mail</span>" in topic) == (sees, not sees)


def test_edits_of_a_mail_are_for_all_its_readers_without_what_was_cut_off(world: World) -> None:
    Revision.objects.create(
        post=world.first, version=Revision.AS_MAILED, text="Call the roofers.", written_at=world.first.created_at
    )
    edit(world, world.mia, world.first)
    html = revisions(world, world.nils, world.first, "?version=0").content.decode()

    assert "What the edit of version 1 changed" in html
    assert "roofers" not in html
    assert "The whole mail" not in html


def test_who_reads_the_text_before_an_edit_is_told_as_it_is(world: World) -> None:
    address = reverse("post_edit", args=[world.group.slug, world.first.id])
    assert "in its history, for everybody who may read it." in as_(world.mia).get(address).content.decode()
    decide(world.first.id, Choice(Action.RETURN), world.mo.id)
    assert "in its history, for you and the managers." in as_(world.mia).get(address).content.decode()


def test_any_version_can_be_looked_at(world: World) -> None:
    edit(world, world.mia, world.first, text="Second words about the plate.")
    edit(world, world.mia, world.first, text="Third words about the plate.", seen_version=2)
    assert "version 1 changed" in revisions(world, world.nils, world.first, "?version=1").content.decode()
    assert "version 2 changed" in revisions(world, world.nils, world.first).content.decode()
    assert "version 2 changed" in revisions(world, world.nils, world.first, "?version=\x00").content.decode()


def test_deleted_conversation_is_found_under_the_drafts_and_put_back(world: World) -> None:
    Post.objects.filter(id=world.reply.id).delete()
    mia = as_(world.mia)
    answer = mia.post(reverse("post_delete", args=[world.group.slug, world.first.id]))
    assert answer.headers["Location"] == reverse("drafts")
    html = mia.get(reverse("drafts")).content.decode()
    assert "You can put it back for 30 days." in html
    assert "Sole plate gone at the north corner" in html
    mia.post(reverse("post_restore", args=[world.group.slug, world.first.id]))
    assert Topic.objects.get(id=world.topic.id).status == Status.PUBLISHED


def test_who_takes_words_back_from_a_conversation_that_is_shown_no_more_is_led_to_them(world: World) -> None:
    own = new_reply(world.topic, world.nils, "Mine waits.")
    Post.objects.filter(id__in=[own.id, world.first.id]).update(status=Status.HELD)
    Topic.objects.filter(id=world.topic.id).update(status=Status.HELD)
    answer = as_(world.nils).post(reverse("post_delete", args=[world.group.slug, own.id]), follow=True)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Mine waits." in html
    assert "Put it back" in html


def test_conversation_outlives_its_deleted_beginning(world: World) -> None:
    as_(world.mia).post(reverse("post_delete", args=[world.group.slug, world.first.id]))
    html = as_(world.nils).get(reverse("topic", args=[world.group.slug, world.topic.id])).content.decode()
    assert "Mia Moss deleted a post here" in html
    assert "Splice it" in html


def test_an_edit_that_waits_because_of_people_says_so(world: World) -> None:
    decide(world.first.id, Choice(Action.RETURN), world.mo.id)
    answer = edit(world, world.mia, world.first)
    html = answer.client.get(answer.headers["Location"]).content.decode()  # type: ignore[attr-defined]
    assert "It was returned once." in html
    assert "We read it before any person did" not in html


def test_what_was_held_is_left_behind_without_title_and_kept_for_its_author(world: World) -> None:
    decide(world.first.id, Choice(Action.HOLD), world.mo.id)
    mia, address = as_(world.mia), reverse("topic", args=[world.group.slug, world.topic.id])
    said = mia.post(reverse("post_delete", args=[world.group.slug, world.first.id]), follow=True).content.decode()
    assert "The conversation goes on without it" in said
    assert "Put it back" not in said
    html = as_(world.nils).get(address).content.decode()
    assert "Mia Moss deleted a post here" in html
    assert "Splice it" in html
    assert world.topic.title not in html
    kept = mia.get(reverse("drafts")).content.decode()
    assert world.topic.title in kept
    assert "Is a **spliced** length ever the honest answer?</textarea>" in kept
    assert "Put it back" not in kept


def test_after_thirty_days_a_deleted_post_is_not_put_back(world: World) -> None:
    mo = as_(world.mo)
    mo.post(reverse("post_delete", args=[world.group.slug, world.reply.id]))
    Post.objects.filter(id=world.reply.id).update(deleted_at=now() - timedelta(days=31))
    mo.post(reverse("post_restore", args=[world.group.slug, world.reply.id]))
    assert Post.objects.get(id=world.reply.id).status == Status.DELETED


def test_only_the_author_deletes_and_puts_back(world: World) -> None:
    for name in ("post_delete", "post_restore"):
        assert as_(world.olga).post(reverse(name, args=[world.group.slug, world.reply.id])).status_code == 404


@given(st.text(st.sampled_from("ab .\n")), st.text(st.sampled_from("ab .\n")))
def test_changes_hold_both_texts(before: str, after: str) -> None:
    found = changes(before, after)
    assert "".join(c.text for c in found if c.kind != ChangeKind.ADDED) == before
    assert "".join(c.text for c in found if c.kind != ChangeKind.REMOVED) == after


def test_long_texts_are_compared_by_lines_and_the_longest_whole() -> None:
    lines = "one two three four\n" * (PARTS_MOST // 2)
    assert [c.text for c in changes(lines, lines + "five\n") if c.kind == ChangeKind.ADDED] == ["five\n"]
    many = "a\n" * (PARTS_MOST + 1)
    assert [c.kind for c in changes(many, many + "b")] == [ChangeKind.REMOVED, ChangeKind.ADDED]
