"""What the screener is told of an author: what the group knows of them, which nobody can wipe out or buy."""

from __future__ import annotations

import pytest

from moothall.groups.models import Membership
from moothall.judging.standing import author_records
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action
from moothall.posting.delete import delete, restore
from moothall.posting.thank import thank
from moothall_screening import AuthorRecord
from tests.world import World, join, person

pytestmark = pytest.mark.django_db


def record(world: World, author: Profile) -> AuthorRecord:
    return author_records(world.group.id, [author.id])[author.id]


@pytest.mark.parametrize("action", [Action.REJECT, Action.RETURN])
def test_deleting_what_a_manager_turned_away_makes_no_better_record(world: World, action: Action) -> None:
    decide(world.held.id, Choice(action), world.mo.id)
    delete(world.held.id, world.nils.id)
    assert record(world, world.nils).rejected_posts == 1
    restore(world.held.id, world.nils.id)
    assert record(world, world.nils).rejected_posts == 1


def test_what_its_author_deleted_unasked_counts_neither_for_nor_against_them(world: World) -> None:
    before = record(world, world.mia)
    delete(world.first.id, world.mia.id)
    after = record(world, world.mia)
    assert (before.accepted_posts, after.accepted_posts, after.rejected_posts) == (1, 0, 0)


def test_thanks_of_a_crowd_of_new_accounts_say_nothing_of_an_author(world: World) -> None:
    for number in range(3):
        newcomer = person(f"Newcomer {number}")
        join(world.group, newcomer, standing=False)
        thank(world.first.id, newcomer.id)
    assert record(world, world.mia).thanked == 0
    thank(world.first.id, world.olga.id)
    Membership.objects.filter(profile__name="Newcomer 1").update(has_standing=True)
    assert record(world, world.mia).thanked == 2
