"""What members read earns its way into the mail; what they read before it was changed was another text."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from moothall.discussions.models import Inbox, Kind, Post
from moothall.groups.ban import ban, lift
from moothall.groups.models import Membership
from moothall.members.models import Profile
from moothall.moderation.earning import READERS_TO_EARN, open_earned
from moothall.posting.edit import Edit, edit
from moothall.posting.submit import submit
from tests.posting.test_submit import TALK, a_topic, the_post
from tests.world import World, join, person

pytestmark = pytest.mark.django_db


def reads(reader: Profile, post: Post) -> None:
    client = Client()
    assert reader.user is not None
    client.force_login(reader.user)
    assert client.get(reverse("topic", args=[post.group.slug, post.topic_id])).status_code == 200


def readers(world: World) -> list[Profile]:
    found = [person(f"Reader {number}") for number in range(READERS_TO_EARN)]
    for each in found:
        join(world.group, each)
    return found


def changed(post: Post) -> None:
    """Into something that the inbox's gate does not let through at once."""
    edit(Edit(post.id, post.author_id, TALK + " It is oak.", "Splice or replace?", Kind.QUESTION, post.version))
    Post.objects.filter(id=post.id).update(inbox=Inbox.EARNING, is_doubtful=True)


def test_what_was_read_before_an_edit_earns_nothing_until_it_is_read_again(world: World) -> None:
    post = the_post(submit(a_topic(world, author_id=world.nils.id)))
    people = readers(world)
    for each in people:
        reads(each, post)
    changed(post)
    assert open_earned() == 0
    for each in people:
        reads(each, post)
    assert open_earned() == 1


def test_nothing_is_read_into_the_mail_of_somebody_to_whom_the_group_was_closed(world: World) -> None:
    post = the_post(submit(a_topic(world, author_id=world.nils.id)))
    Post.objects.filter(id=post.id).update(inbox=Inbox.EARNING, is_doubtful=True)
    for each in readers(world):
        reads(each, post)
    membership = Membership.objects.get(group=world.group, profile=world.nils)
    assert ban(world.group.id, membership.id, reason="He sells.", by_id=world.mo.id) is None
    assert open_earned() == 0
    assert lift(world.group.id, membership.id, by_id=world.mo.id) is None
    assert open_earned() == 1
