"""Five people and their group, as every test of permissions and pages finds them.

Olga owns the group, Mo moderates it, Mia is a member, Nils is a new member, Sam is a stranger with a log-in.
"""

from __future__ import annotations

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
    address = email or f"{name.lower().replace(' ', '.')}@moothall.example"
    user = User.objects.create(email=address, password=_hashed_password())
    return Profile.objects.create(user=user, name=name, handle=name.lower().replace(" ", "-"))


def join(
    group: Group, profile: Profile, role: Role = Role.MEMBER, *, days: int = 90, standing: bool = True
) -> Membership:
    return Membership.objects.create(
        group=group,
        profile=profile,
        role=role,
        has_standing=standing,
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
    for number, (text, concern) in enumerate(texts, start=1):
        Rule.objects.create(edition=edition, number=number, text=text, concern=concern)
    return group


def new_topic(
    group: Group,
    author: Profile,
    title: str = "Sole plate gone at the north corner",
    *,
    status: Status = Status.PUBLISHED,
    kind: Kind = Kind.QUESTION,
    lane: Lane = Lane.DISCUSSIONS,
) -> Post:
    topic = Topic.objects.create(group=group, author=author, title=title, kind=kind, lane=lane, status=status)
    return Post.objects.create(
        group=group,
        topic=topic,
        author=author,
        is_first=True,
        kind=kind,
        lane=lane,
        status=status,
        text="Is a **spliced** length ever the honest answer?",
        html="<p>Is a <strong>spliced</strong> length ever the honest answer?</p>",
    )


def new_reply(topic: Topic, author: Profile, text: str = "Splice it, if the plinth is put right first.") -> Post:
    return Post.objects.create(
        group=topic.group, topic=topic, author=author, status=Status.PUBLISHED, text=text, html=f"<p>{text}</p>"
    )


def build_world(visibility: Visibility = Visibility.PRIVATE) -> World:
    group = new_group(visibility=visibility)
    olga, mo, mia, nils, sam = (person(n) for n in ("Olga Oakes", "Mo Marsh", "Mia Moss", "Nils Nook", "Sam Stone"))
    join(group, olga, Role.OWNER)
    join(group, mo, Role.MODERATOR)
    join(group, mia)
    join(group, nils, days=0, standing=False)
    first = new_topic(group, mia)
    reply = new_reply(first.topic, mo)
    held = new_topic(group, nils, "Best price damp proofing", status=Status.HELD, kind=Kind.DISCUSSION)
    return World(group, olga, mo, mia, nils, sam, first.topic, first, reply, held)
