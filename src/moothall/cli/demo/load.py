from __future__ import annotations

from dataclasses import dataclass
from random import Random

from django.db import transaction

from moothall.cli.demo.groups import make_group
from moothall.cli.demo.past import give_thanks, set_back, settle
from moothall.cli.demo.people import STAFF, logins, make_people
from moothall.cli.demo.story import read_story
from moothall.cli.demo.talk import hold_conversations
from moothall.cli.demo_logins import DemoLogin
from moothall.core.clock import now
from moothall.groups.models import Group
from moothall.moderation.models import ReviewItem

# The same story, the same times of day and the same thanks each time.
SEED = 1485


@dataclass(frozen=True, slots=True)
class Loaded:
    groups: int
    people: int
    posts: int
    waiting: int
    logins: list[DemoLogin]


@transaction.atomic
def load() -> Loaded:
    """Whole or not at all."""
    story, at, chance = read_story(), now(), Random(SEED)  # noqa: S311 - decides who thanks whom
    told_people = [STAFF, *story.everybody()]
    people = make_people(told_people, at, chance)
    readers = [people[person.name] for person in told_people if person.login in ("olga", "mo", "mia")]
    posts = 0
    for told in story.groups:
        group: Group = make_group(told, people, at, chance)
        said = hold_conversations(group, told, people, at, chance)
        give_thanks(group, told, said, people, at, chance)
        set_back(group, at)
        settle(group, readers, at)
        posts += len(said)
    return Loaded(
        groups=len(story.groups),
        people=len(people),
        posts=posts,
        waiting=ReviewItem.objects.filter(decision=None).count(),
        logins=logins(told_people),
    )
