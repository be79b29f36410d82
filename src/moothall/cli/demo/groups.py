"""The demo's groups, with their rules and members."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from moothall.cli.demo.story import GroupStory
from moothall.groups.change import GroupSettings, as_they_stand, change
from moothall.groups.create import NewGroup, create
from moothall.groups.models import Group, Membership, MembershipState, Role
from moothall.groups.refusal import Refusal
from moothall.members.models import Profile
from moothall.rules.models import RulesEdition
from moothall.rules.publish import publish

NEWCOMER = "Nils Aalto"
HAS_NOT_READ_THE_NEW_RULES = "Mia Carver"
CHANGED_DAYS_AGO = 11
LONGEST_DAYS = 350


def make_group(told: GroupStory, people: Mapping[str, Profile], at: datetime, chance: Random) -> Group:
    owner = people[told.owner]
    group = create(NewGroup(told.name, told.purpose, told.joining, told.join_question, told.visibility), by_id=owner.id)
    if isinstance(group, Refusal):
        raise ValueError(group.message)
    change(group.id, _settings(told), by_id=owner.id, seen=as_they_stand(group))
    edition = _publish_rules(group, told, owner, at)
    Group.objects.filter(id=group.id).update(created_at=at - timedelta(days=chance.randint(420, 900)))
    Membership.objects.filter(group=group).update(rules_edition=edition, joined_at=at - timedelta(days=400))
    Membership.objects.bulk_create(_memberships(group, told, people, at, chance, edition))
    return Group.objects.get(id=group.id)


def _settings(told: GroupStory) -> GroupSettings:
    return GroupSettings(
        name=told.name,
        purpose=told.purpose,
        joining=told.joining,
        join_question=told.join_question,
        visibility=told.visibility,
        may_be_indexed=told.may_be_indexed,
        policy=told.policy,
        promise_hours=12,
        search_config="english",
    )


def _publish_rules(group: Group, told: GroupStory, owner: Profile, at: datetime) -> int:
    """The number of the edition that stands."""
    number = 0
    for drafts in filter(None, (told.rules_before, told.rules)):
        published = publish(group.id, drafts, by_id=owner.id, seen_edition=number)
        if isinstance(published, Refusal):
            raise ValueError(published.message)
        number = published.number
    RulesEdition.objects.filter(group=group).update(published_at=at - timedelta(days=390))
    RulesEdition.objects.filter(group=group, number=2).update(published_at=at - timedelta(days=CHANGED_DAYS_AGO))
    return number


def _memberships(
    group: Group, told: GroupStory, people: Mapping[str, Profile], at: datetime, chance: Random, edition: int
) -> list[Membership]:
    rows = []
    wrote = told.first_wrote_days_ago()
    for name in told.everybody()[1:]:
        days = 0.2 if name == NEWCOMER else wrote.get(name, 0.0) + 1 + LONGEST_DAYS * chance.random() ** 2
        rows.append(
            Membership(
                group=group,
                profile=people[name],
                role=Role.MODERATOR if name in told.moderators else Role.MEMBER,
                joined_at=at - timedelta(days=days),
                rules_edition=1 if name == HAS_NOT_READ_THE_NEW_RULES else edition,
                rules_accepted_at=at - timedelta(days=days),
            )
        )
    for nth, (name, answer) in enumerate(told.pending):
        asked_at = at - timedelta(hours=3 + 20 * nth)
        rows.append(
            Membership(
                group=group,
                profile=people[name],
                state=MembershipState.PENDING,
                answer=answer,
                joined_at=asked_at,
                rules_edition=edition,
                rules_accepted_at=asked_at,
            )
        )
    return rows
