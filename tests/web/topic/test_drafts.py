"""What somebody has begun to write is kept for them."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.urls import reverse

from moothall.core.clock import now
from moothall.discussions.drafts import MOST_AT_A_PLACE
from moothall.discussions.models import TEXT_BYTES, Draft, Post, Status, Topic
from moothall.groups.models import Group, Membership, MembershipState, Visibility
from moothall.members.models import Profile
from tests.browsers import as_
from tests.web.topic.test_compose import TALK, compose, reply
from tests.world import World, join, new_group, new_topic


def test_draft_is_kept_found_again_and_gone_once_posted(world: World) -> None:
    answer = compose(world, world.mia, go="draft")
    assert answer.headers["Location"] == reverse("drafts")
    form = as_(world.mia).get(reverse("compose", args=[world.group.slug])).content.decode()
    assert TALK in form
    assert 'value="Splice or replace?"' in form
    compose(world, world.mia)
    assert not Draft.objects.exists()


def test_draft_of_a_reply_knows_whom_it_answers(world: World) -> None:
    address = reverse("topic", args=[world.group.slug, world.topic.id])
    reply(world, world.nils, go="draft", reply_to=world.reply.id)
    assert f'name="reply_to" value="{world.reply.id}"' in as_(world.nils).get(address).content.decode()
    elsewhere = new_topic(new_group("gardens"), world.mia)
    reply(world, world.nils, go="draft", reply_to=elsewhere.id)
    assert 'name="reply_to" value=""' in as_(world.nils).get(address).content.decode()


def keep(world: World, profile: Profile, **fields: object) -> HttpResponse:
    given = {"kind": "question", "title": "Splice?", "text": TALK}
    return as_(profile).post(reverse("draft_keep", args=[world.group.slug]), given | fields)  # type: ignore[return-value]


def test_text_is_kept_while_it_is_written(world: World) -> None:
    assert "Kept as a draft at" in keep(world, world.mia).content.decode()
    keep(world, world.mia, text="Shorter.")
    keep(world, world.mia, text="About this one.", topic=world.topic.id)
    texts = set(Draft.objects.values_list("text", flat=True))
    assert texts == {"Shorter.", "About this one."}


def test_emptied_form_keeps_no_draft(world: World) -> None:
    keep(world, world.mia)
    keep(world, world.mia, title="", text=" \u200b")
    assert not Draft.objects.exists()


@pytest.mark.parametrize("text", ["nul \x00 here", "x" * (3 * TEXT_BYTES), "\u202e", "\ufffe"])
def test_hostile_draft_is_kept_or_dropped_but_never_an_error(world: World, text: str) -> None:
    assert keep(world, world.mia, text=text, title="t\x00" * 150).status_code == 200


class Window:
    """A page with the form, open in one of somebody's browser windows."""

    def __init__(self, world: World, topic: Topic | None = None, query: str = "") -> None:
        self.world, self.topic = world, topic
        where = ("topic", [world.group.slug, topic.id]) if topic else ("compose", [world.group.slug])
        self.html = as_(world.mia).get(f"{reverse(where[0], args=where[1])}{query}").content.decode()
        names = "|".join(("key", "topic", "reply_to", "window", "seen_draft"))
        self.fields = dict(re.findall(rf'<input type="hidden" name="({names})" value="([^"]*)">', self.html))

    def keep(self, text: str) -> str:
        return keep(self.world, self.world.mia, **self.fields | {"title": "", "text": text}).content.decode()

    def send(self, text: str, **fields: object) -> HttpResponse:
        if self.topic is not None:
            return reply(self.world, self.world.mia, **self.fields | {"text": text} | fields)
        return compose(self.world, self.world.mia, **self.fields | {"text": text} | fields)


def texts_begun() -> set[str]:
    return set(Draft.objects.values_list("text", flat=True))


@pytest.mark.parametrize("is_reply", [False, True])
def test_two_windows_keep_both_texts_and_say_so(world: World, is_reply: bool) -> None:
    topic = world.topic if is_reply else None
    first, second = Window(world, topic), Window(world, topic)
    assert "another window" not in first.keep("Oak.")
    assert "another window" in second.keep("Elm.")
    assert "another window" in first.keep("Oak, and green.")
    second.keep("Elm, and dry.")
    assert texts_begun() == {"Oak, and green.", "Elm, and dry."}
    assert "another window" in Window(world, topic).html


def test_window_goes_on_with_what_it_read_and_the_older_one_keeps_its_own(world: World) -> None:
    first = Window(world)
    first.keep("Oak.")
    second = Window(world)
    assert "another window" not in second.keep("Oak, spliced.")
    assert texts_begun() == {"Oak, spliced."}
    first.keep("Oak or elm?")
    assert texts_begun() == {"Oak, spliced.", "Oak or elm?"}


def test_without_script_the_second_window_overwrites_nothing_either(world: World) -> None:
    first, second = Window(world), Window(world)
    first.send("Oak.", go="draft")
    second.send("Elm.", go="draft")
    assert texts_begun() == {"Oak.", "Elm."}
    listed = as_(world.mia).get(reverse("drafts")).content.decode()
    for draft in Draft.objects.all():
        assert f"?draft={draft.id}" in listed
        assert f"\n{draft.text}</textarea>" in Window(world, query=f"?draft={draft.id}").html


def test_what_is_posted_from_one_window_leaves_the_draft_of_the_other(world: World) -> None:
    first, second = Window(world, world.topic), Window(world, world.topic)
    first.keep("Oak.")
    second.keep("Elm.")
    second.send(TALK)
    assert texts_begun() == {"Oak."}


def test_window_is_the_same_after_a_refusal(world: World) -> None:
    window = Window(world)
    window.keep("Oak.")
    html = window.send("Oak.", title="").content.decode()
    assert f'name="window" value="{window.fields["window"]}"' in html
    assert "another window" not in html


def test_draft_of_somebody_else_is_not_opened(world: World) -> None:
    foreign = Draft.objects.create(author=world.mo, group=world.group, text="Mo's own.")
    assert "Mo&#x27;s own." not in Window(world, query=f"?draft={foreign.id}").html


def test_so_many_texts_are_kept_at_one_place_and_no_more(world: World) -> None:
    for nth in range(MOST_AT_A_PLACE + 1):
        keep(world, world.mia, text=f"Text {nth}", window=str(uuid4()))
    assert texts_begun() == {f"Text {nth}" for nth in range(1, MOST_AT_A_PLACE + 1)}


def test_form_that_was_sent_is_no_draft_again(world: World) -> None:
    key = str(uuid4())
    compose(world, world.mia, key=key)
    keep(world, world.mia, key=key)
    assert not Draft.objects.exists()


def test_what_is_written_into_a_sent_form_later_is_kept(world: World) -> None:
    key = str(uuid4())
    compose(world, world.mia, key=key)
    Post.objects.filter(submission_key=key).update(created_at=now() - timedelta(minutes=2))
    keep(world, world.mia, key=key, text="I went back and wrote this.")
    assert Draft.objects.get().text == "I went back and wrote this."


def test_draft_for_a_conversation_of_another_group_is_not_kept(world: World) -> None:
    elsewhere = new_topic(new_group("gardens"), world.mia).topic
    assert "no longer here" in keep(world, world.mia, topic=elsewhere.id).content.decode()
    assert not Draft.objects.exists()


def test_draft_for_a_conversation_that_went_is_there_to_be_copied(world: World) -> None:
    words = "A long reply. " * 40
    Draft.objects.create(author=world.mia, group=world.group, topic=world.topic, text=words)
    topic = reverse("topic", args=[world.group.slug, world.topic.id])
    assert topic in as_(world.mia).get(reverse("drafts")).content.decode()
    Topic.objects.filter(id=world.topic.id).update(status=Status.DELETED)
    html = as_(world.mia).get(reverse("drafts")).content.decode()
    assert topic not in html
    assert words in html


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.PUBLIC])
def test_drafts_for_a_group_that_one_is_not_in_are_there_to_be_copied(world: World, visibility: Visibility) -> None:
    Group.objects.update(visibility=visibility)
    words = "A long text. " * 40
    Draft.objects.create(author=world.nils, group=world.group, title="Begun", text=words)
    Draft.objects.create(author=world.nils, group=world.group, topic=world.topic, text="Splice it with oak.")
    Membership.objects.filter(profile=world.nils).update(state=MembershipState.BANNED)
    html = as_(world.nils).get(reverse("drafts")).content.decode()
    assert words in html
    assert "Begun" in html
    assert "Splice it with oak." in html
    assert world.topic.title not in html
    assert f"/groups/{world.group.slug}/" not in html


def test_drafts_are_listed_and_deleted_by_their_author_alone(world: World) -> None:
    keep(world, world.mia)
    draft = Draft.objects.get()
    assert "Splice?" in as_(world.mia).get(reverse("drafts")).content.decode()
    assert "Splice?" not in as_(world.olga).get(reverse("drafts")).content.decode()
    assert as_(world.olga).post(reverse("draft_delete", args=[draft.id])).status_code == 404
    as_(world.mia).post(reverse("draft_delete", args=[draft.id]))
    assert not Draft.objects.exists()


def test_draft_page_has_few_queries_however_many_drafts(world: World, django_assert_max_num_queries: object) -> None:
    for nth in range(12):
        group = new_group(f"group-{nth}")
        join(group, world.mia)
        Draft.objects.create(author=world.mia, group=group, text="Begun.")
        gone = new_topic(group, world.mia)
        Post.objects.filter(id=gone.id).update(status=Status.DELETED, status_before="published", deleted_at=now())
    client = as_(world.mia)
    client.get(reverse("drafts"))
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        html = client.get(reverse("drafts")).content.decode()
    assert html.count("Begun.") == 12
    assert html.count("Put it back") == 12
