"""Groups whose members write by mail."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from letters import address

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.groups.models import Group, MailChoice, Membership, Role
from moothall.members.models import Profile
from moothall.rules.models import Rule, RulesEdition

GROUPS = 20
MEMBERS = 50


def fill_groups(domain: str, *, groups: int = GROUPS, members: int = MEMBERS, choice: MailChoice) -> list[list[str]]:
    """The addresses of each group's members; group n has the slug `group-n`."""
    found = []
    for number in range(groups):
        group = Group.objects.create(slug=f"group-{number}", name=f"Group {number}", purpose="Things worth knowing.")
        edition = RulesEdition.objects.create(group=group, number=1)
        Rule.objects.create(edition=edition, number=1, text="Keep to the shared interest.")
        found.append(_members(group, [address(n, number, domain) for n in range(members)], choice))
    return found


def _members(group: Group, addresses: list[str], choice: MailChoice) -> list[str]:
    """Who have been here for long, and have proved their addresses. The first is an owner, and so may write much."""
    users = User.objects.bulk_create([User(email=a, password="!", last_login=now()) for a in addresses])
    EmailAddress.objects.bulk_create([EmailAddress(user=u, email=u.email, verified=True, primary=True) for u in users])
    profiles = Profile.objects.bulk_create(
        [Profile(user=u, name=f"Member {u.id}", handle=f"member-{u.id}") for u in users]
    )
    joined_at = now() - timedelta(days=90)
    Membership.objects.bulk_create(
        [
            Membership(
                group=group,
                profile=profile,
                role=Role.MEMBER if place else Role.OWNER,
                joined_at=joined_at,
                has_standing=True,
                mail_discussions=choice,
            )
            for place, profile in enumerate(profiles)
        ]
    )
    return addresses
