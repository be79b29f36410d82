"""Five people and their group, as every test of permissions and pages finds them.

Olga owns the group, Mo moderates it, Mia is a member, Nils is a new member, Sam is a stranger with a log-in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.contrib.auth.hashers import make_password

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Kind, Lane, Post, Status, Topic
from moothall.groups.models import Group, Membership, Role, Visibility
from moothall.members.models import Profile
from moothall.rules.models import Concern, Rule, RulesEdition

PASSWORD = "three old oaks stand"
TITLE = "Sole plate gone at the north corner"
REPLY = "Splice it, if the plinth is put right first."


@dataclass(slots=True)
class World:
    group: Group
    olga: Profile
    mo: Profile
    mia: Profile
    nils: Profile
    sam: Profile
    topic: Topic
    first: Post
    reply: Post
    held: Post

    def persona(self, name: str) -> Profile:
        return {"olga": self.olga, "mo": self.mo, "mia": self.mia, "nils": self.nils, "sam": self.sam}[name]


@cache
def _hashed_password() -> str:
    """Hashing is slow on purpose; once is enough for all of them."""
    return make_password(PASSWORD)


def person(name: str, email: str = "") -> Profile:
    return _people([(name, email)])[0]


def _people(named: Sequence[tuple[str, str]]) -> list[Profile]:
    """With log-ins; by default the address is the name."""
    hashed = _hashed_password()
    users = User.objects.bulk_create(
        User(email=email or f"{name.lower().replace(' ', '.')}@moothall.example", password=hashed)
        for name, email in named
    )
    return Profile.objects.bulk_create(
        Profile(user=user, name=name, handle=name.lower().replace(" ", "-"))
        for user, (name, _) in zip(users, named, strict=True)
    )


def join(
    group: Group, profile: Profile, role: Role = Role.MEMBER, *, days: int = 90, standing: bool = True
) -> Membership:
    membership = _membership(group, profile, role, days=days, standing=standing)
    membership.save()
    return membership


def _membership(
    group: Group, profile: Profile, role: Role = Role.MEMBER, *, days: int = 90, standing: bool = True
) -> Membership:
    return Membership(
        group=group,
        profile=profile,
        role=role,
        has_standing=standing and role == Role.MEMBER,  # managers have it by their office
        rules_edition=1,
        rules_accepted_at=now(),
        joined_at=now() - timedelta(days=days),
    )


def new_group(slug: str = "old-houses", visibility: Visibility = Visibility.PRIVATE) -> Group:
    group = Group.objects.create(
        slug=slug,
        name=slug.replace("-", " ").capitalize(),
        purpose="Keeping houses built before 1919 sound, dry and lived in.",
        visibility=visibility,
    )
    edition = RulesEdition.objects.create(group=group, number=1)
    texts = [("Keep to the shared interest.", Concern.TOPIC), ("Don't sell to the group.", Concern.OFFERS)]
    Rule.objects.bulk_create(
        Rule(edition=edition, number=number, text=text, concern=concern)
        for number, (text, concern) in enumerate(texts, start=1)
    )
    return group


def new_topic(
    group: Group,
    author: Profile,
    title: str = TITLE,
    *,
    status: Status = Status.PUBLISHED,
    kind: Kind = Kind.QUESTION,
    lane: Lane = Lane.DISCUSSIONS,
) -> Post:
    topic = Topic.objects.create(group=group, author=author, title=title, kind=kind, lane=lane, status=status)
    first = _first(topic)
    first.save()
    return first


def _first(topic: Topic) -> Post:
    return Post(
        group=topic.group,
        topic=topic,
        author=topic.author,
        is_first=True,
        kind=topic.kind,
        lane=topic.lane,
        status=topic.status,
        text="Is a **spliced** length ever the honest answer?",
        html="<p>Is a <strong>spliced</strong> length ever the honest answer?</p>",
    )


def new_reply(topic: Topic, author: Profile, text: str = REPLY) -> Post:
    reply = _reply(topic, author, text)
    reply.save()
    return reply


def _reply(topic: Topic, author: Profile, text: str = REPLY) -> Post:
    return Post(
        group=topic.group, topic=topic, author=author, status=Status.PUBLISHED, text=text, html=f"<p>{text}</p>"
    )


def build_world(visibility: Visibility = Visibility.PRIVATE) -> World:
    """In few statements, since most tests begin with it."""
    group = new_group(visibility=visibility)
    names = ("Olga Oakes", "Mo Marsh", "Mia Moss", "Nils Nook", "Sam Stone")
    olga, mo, mia, nils, sam = _people([(name, "") for name in names])
    Membership.objects.bulk_create(
        [
            _membership(group, olga, Role.OWNER),
            _membership(group, mo, Role.MODERATOR),
            _membership(group, mia),
            _membership(group, nils, days=0, standing=False),
        ]
    )
    asked, offered = Topic.objects.bulk_create(
        [
            Topic(group=group, author=mia, title=TITLE, kind=Kind.QUESTION, status=Status.PUBLISHED),
            Topic(group=group, author=nils, title="Best price damp proofing", status=Status.HELD),
        ]
    )
    first, reply, held = Post.objects.bulk_create([_first(asked), _reply(asked, mo), _first(offered)])
    return World(group, olga, mo, mia, nils, sam, asked, first, reply, held)
