from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import UniqueConstraint
from django.test.utils import CaptureQueriesContext

from moothall.core.clock import now
from moothall.discussions.models import Post, Thank, Topic, TopicRead
from moothall.discussions.ranking import recount
from moothall.groups.ban import ban
from moothall.groups.models import Membership, MembershipState, Role
from moothall.members.models import Profile, ProfileState
from moothall.notifications.models import Attitude, Event, EventKind, Watch
from moothall.posting.claiming import claim, claimable, references_to_profiles
from tests.world import World, join, new_group, new_reply, new_topic

pytestmark = pytest.mark.django_db

OLD = "mia@old-list.example"


@pytest.fixture
def placeholder(world: World) -> Profile:
    known = Profile.objects.create(
        state=ProfileState.PLACEHOLDER, handle="mia-m-1234", name="Mia M.", claim_address=OLD
    )
    join(world.group, known)
    return known


def prove(profile: Profile, address: str) -> None:
    EmailAddress.objects.create(user=profile.user, email=address, verified=True, primary=False)


def test_posts_of_a_proved_address_are_offered(world: World, placeholder: Profile) -> None:
    new_topic(world.group, placeholder)
    elsewhere = new_topic(new_group("clay-lump"), placeholder)
    new_reply(elsewhere.topic, placeholder)
    prove(world.mia, OLD)
    offered = claimable(world.mia)
    assert [(one.address, one.posts, one.groups) for one in offered] == [(OLD, 3, 2)]


def test_address_that_is_not_proved_claims_nothing(world: World, placeholder: Profile) -> None:
    EmailAddress.objects.create(user=world.mia.user, email=OLD, verified=False)
    assert claimable(world.mia) == []
    assert claim(world.mia, OLD) is None
    assert Profile.objects.filter(id=placeholder.id).exists()


def test_address_of_a_member_claims_nothing(world: World) -> None:
    prove(world.mia, "mo.marsh@moothall.example")
    assert claim(world.mia, "mo.marsh@moothall.example") is None


def test_claiming_moves_all_and_removes_the_placeholder(world: World, placeholder: Profile) -> None:
    there = new_group("clay-lump")
    join(there, placeholder)
    post = new_topic(there, placeholder)
    Thank.objects.create(post=world.reply, profile=placeholder)
    TopicRead.objects.create(topic=world.topic, profile=placeholder, read_at=now())
    Topic.objects.filter(id=post.topic_id).update(last_author=placeholder)
    Event.objects.create(kind=EventKind.POSTED, group=there, topic=post.topic, post=post, actor=placeholder)
    prove(world.mia, OLD)
    assert claim(world.mia, OLD) == 1
    post.refresh_from_db()
    assert post.author == world.mia
    assert Topic.objects.get(id=post.topic_id).author == world.mia
    assert Membership.objects.get(group=there, profile=world.mia).state == MembershipState.ACTIVE
    assert Thank.objects.get(post=world.reply).profile == world.mia
    assert TopicRead.objects.get(topic=world.topic).profile == world.mia
    assert Topic.objects.get(id=post.topic_id).last_author == world.mia
    assert Event.objects.get(post=post).actor == world.mia
    assert not Profile.objects.filter(claim_address=OLD).exists()


def test_where_both_have_the_same_the_members_own_stands(world: World, placeholder: Profile) -> None:
    Thank.objects.create(post=world.reply, profile=placeholder)
    mine = Thank.objects.create(post=world.reply, profile=world.mia)
    TopicRead.objects.create(topic=world.topic, profile=placeholder, read_at=now())
    own = TopicRead.objects.create(topic=world.topic, profile=world.mia, read_at=now())
    Membership.objects.filter(profile=world.mia).update(state=MembershipState.BANNED)
    prove(world.mia, OLD)
    claim(world.mia, OLD)
    assert list(Thank.objects.filter(post=world.reply)) == [mine]
    assert list(TopicRead.objects.filter(topic=world.topic)) == [own]
    assert Membership.objects.get(group=world.group, profile=world.mia).state == MembershipState.BANNED


@pytest.mark.parametrize(
    ("role", "after"), [(Role.MEMBER, MembershipState.BANNED), (Role.MODERATOR, MembershipState.ACTIVE)]
)
def test_group_that_was_closed_to_an_old_name_is_closed_to_whoever_claims_it(
    world: World, placeholder: Profile, role: Role, after: MembershipState
) -> None:
    """But for its managers, who are banned by the owner alone."""
    Membership.objects.filter(profile=world.mia).update(role=role)
    known = Membership.objects.get(profile=placeholder)
    assert ban(world.group.id, known.id, reason="Sold ladders", by_id=world.olga.id) is None
    prove(world.mia, OLD)
    assert claim(world.mia, OLD) == 0
    there = Membership.objects.get(group=world.group, profile=world.mia)
    assert there.state == after
    assert (there.banned_reason == "Sold ladders") is (role == Role.MEMBER)


@pytest.mark.parametrize("attitude", Attitude)
def test_whoever_followed_or_muted_their_old_name_claims_it_too(
    world: World, placeholder: Profile, attitude: Attitude
) -> None:
    Watch.objects.create(profile=world.mia, person=placeholder, attitude=attitude)
    Watch.objects.create(profile=world.mo, person=placeholder, attitude=attitude)
    prove(world.mia, OLD)
    assert claim(world.mia, OLD) is not None
    assert list(Watch.objects.values_list("profile", "person")) == [(world.mo.id, world.mia.id)]


def test_conversation_counts_one_person_where_it_counted_two(world: World, placeholder: Profile) -> None:
    new_reply(world.topic, placeholder)
    recount({world.topic.id})
    world.topic.refresh_from_db()
    before = world.topic.people_count
    prove(world.mia, OLD)
    claim(world.mia, OLD)
    world.topic.refresh_from_db()
    assert world.topic.people_count == before - 1


def test_thanks_to_oneself_do_not_count(world: World, placeholder: Profile) -> None:
    post = new_reply(world.topic, placeholder)
    Thank.objects.create(post=post, profile=world.mia)
    Thank.objects.create(post=post, profile=world.mo)
    Post.objects.filter(id=post.id).update(thanked_count=2)
    prove(world.mia, OLD)
    claim(world.mia, OLD)
    post.refresh_from_db()
    assert post.thanked_count == 1
    assert Thank.objects.get(post=post).profile == world.mo


def _claim_with(world: World, posts: int) -> int:
    address = f"p{posts}@old-list.example"
    known = Profile.objects.create(
        state=ProfileState.PLACEHOLDER, handle=f"p{posts}", name="Old Hand", claim_address=address
    )
    for _ in range(posts):
        new_reply(world.topic, known)
    prove(world.mia, address)
    with CaptureQueriesContext(connection) as queries:
        assert claim(world.mia, address) == posts
    return len(queries)


def test_claiming_many_posts_takes_no_more_statements_than_claiming_few(world: World) -> None:
    few = _claim_with(world, 2)
    assert _claim_with(world, 40) <= few


def test_every_rule_of_uniqueness_about_a_profile_is_one_that_claiming_knows() -> None:
    """Claiming reads UniqueConstraints with plain fields; a unique expression or field would escape it."""
    for model, name in references_to_profiles():
        assert not getattr(model._meta.get_field(name), "unique", True), f"{model.__name__}.{name}"
        assert not model._meta.unique_together
        for constraint in model._meta.constraints:
            if isinstance(constraint, UniqueConstraint):
                assert f"F({name})" not in {str(e) for e in constraint.expressions}, constraint.name
