"""A conversation that was held again is named to nobody who may not read it, wherever their own words lead there."""

from __future__ import annotations

import pytest
from django.urls import reverse

from moothall.core.clock import now
from moothall.discussions.models import Draft, Post, Status, Topic
from moothall.discussions.titles import UNTITLED
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action
from moothall.notifications.models import Event, Notification, Reason
from moothall.search.index import index_posts
from tests.browsers import as_
from tests.world import TITLE, World, new_reply

pytestmark = pytest.mark.django_db
PLACES = ("home", "told", "drafts", "search", "topic", "post_edit", "post_revisions")


@pytest.fixture
def returned(world: World) -> Post:
    """Nils's comment, which a manager gave back to him; he has another begun, and one deleted."""
    comment = new_reply(world.topic, world.nils, "Limewash breathes.")
    index_posts([comment])
    decide(comment.id, Choice(Action.RETURN), world.mo.id)
    told = Event.objects.get(post=comment, concerns=world.nils)
    Notification.objects.create(profile=world.nils, event=told, reason=Reason.DECIDED)
    Draft.objects.create(author=world.nils, group=world.group, topic=world.topic, text="Begun.")
    Post.objects.filter(id=new_reply(world.topic, world.nils, "Said too much.").id).update(
        status=Status.DELETED, status_before=Status.PUBLISHED, deleted_at=now()
    )
    return comment


def page(who: Profile, place: str, comment: Post) -> str:
    slug = comment.group.slug
    arguments = {
        "topic": [slug, comment.topic_id],
        "post_edit": [slug, comment.id],
        "post_revisions": [slug, comment.id],
    }
    asked = {"q": "limewash"} if place == "search" else {}
    return as_(who).get(reverse(place, args=arguments.get(place)), asked).content.decode()


def hold(world: World) -> None:
    for rows in (Post.objects.filter(id=world.first.id), Topic.objects.filter(id=world.topic.id)):
        rows.update(status=Status.HELD)


@pytest.mark.parametrize("place", PLACES)
def test_what_was_held_again_is_not_named_to_who_commented_before(world: World, returned: Post, place: str) -> None:
    assert TITLE in page(world.nils, place, returned)
    hold(world)
    html = page(world.nils, place, returned)
    assert TITLE not in html
    assert UNTITLED in html


def test_its_author_and_the_managers_read_the_title(world: World, returned: Post) -> None:
    own = new_reply(world.topic, world.mia, "Limewash, said twice.")
    index_posts([own])
    hold(world)
    assert TITLE in page(world.mia, "search", own)
    assert TITLE in page(world.mo, "search", returned)
