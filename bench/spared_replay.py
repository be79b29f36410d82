"""The replay of bench/spared.py. To be imported once Django is set up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from django.db.models import F
from streams import Said, adverts

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import TITLE_LENGTH, Lane, Post, Source, Topic
from moothall.groups.models import Group, MailChoice, Membership
from moothall.members.models import Profile
from moothall.moderation.models import Decision
from moothall.posting.submission import Submission
from moothall.posting.submit import submit
from moothall.rules.models import Concern, Rule, RulesEdition

MEMBERS = 200
POSTS_A_DAY = 20
_numbers = count()


@dataclass(frozen=True, slots=True)
class Reached:
    """Inboxes: if everything went out; of what stands in Discussions; of what may be mailed at once."""

    stream: str
    whose: str
    count: int
    all_mailed: int
    published: int
    gate: int


class Replay:
    def __init__(self, name: str) -> None:
        self.group = _new_group(name)
        self.authors: dict[str, Membership] = {}
        self.posts: dict[str, int] = {}
        self.kinds: dict[int, str] = {}
        self.refused = 0
        for number in range(MEMBERS):
            self._join(f"reader-{number}", choice=MailChoice.INSTANT)

    def day(self, genuine: Sequence[Said], advert_texts: Iterator[Said]) -> None:
        for said in genuine:
            author = self.authors.get(said.author) or self._join(said.author, choice=MailChoice.NONE)
            self._post(said, author, "genuine")
        self._post(
            next(advert_texts), self._join(f"advertiser-{next(_numbers)}", choice=MailChoice.NONE), "advert, new"
        )
        candidates = Membership.objects.filter(group=self.group, has_standing=True, role="member").order_by("id")
        if settled := list(candidates):
            # Another one each day, as far as there are others.
            self._post(next(advert_texts), settled[next(_numbers) % len(settled)], "advert, with standing")
        _a_day_passes(self.group)

    def _join(self, name: str, *, choice: MailChoice) -> Membership:
        number = next(_numbers)
        user = User.objects.create(email=f"m{number}@readers.invalid", password="!", last_login=now())
        profile = Profile.objects.create(user=user, name=f"Member {number}", handle=f"member-{number}")
        made = Membership.objects.create(group=self.group, profile=profile, mail_discussions=choice)
        self.authors[name] = made
        return made

    def _post(self, said: Said, author: Membership, kind: str) -> None:
        answered = Post.objects.filter(id=self.posts.get(said.answers, 0)).first()
        title = " ".join(said.title.split()) or re.split(r"[.!?\n]", said.text.strip())[0]
        outcome = submit(
            Submission(
                group_id=self.group.id,
                author_id=author.profile_id,
                text=said.text,
                title="" if answered else title[:TITLE_LENGTH],
                topic_id=answered.topic_id if answered else None,
                reply_to_id=answered.id if answered else None,
                source=Source.MAIL,
                message_id=said.id,
            )
        )
        if outcome.post_id is None:
            self.refused += 1
            return
        self.posts[said.id] = outcome.post_id
        self.kinds[outcome.post_id] = kind

    def reached(self, name: str) -> Iterator[Reached]:
        posts = Post.objects.filter(group=self.group)
        mailed = set(posts.mailable().filter(lane=Lane.DISCUSSIONS).values_list("id", flat=True))
        published = set(posts.published().filter(lane=Lane.DISCUSSIONS).values_list("id", flat=True))
        for kind in ("genuine", "advert, new", "advert, with standing"):
            own = {post for post, what in self.kinds.items() if what == kind}
            yield Reached(
                name, kind, len(own), len(own) * MEMBERS, len(own & published) * MEMBERS, len(own & mailed) * MEMBERS
            )


def replay(name: str, stream: Sequence[Said]) -> list[Reached]:
    made = Replay(name)
    texts = iter(adverts())
    for start in range(0, len(stream), POSTS_A_DAY):
        made.day(stream[start : start + POSTS_A_DAY], texts)
    if made.refused:
        print(f"{name}: {made.refused} were refused at the door (too many a day), and count nowhere.")
    return list(made.reached(name))


def _new_group(name: str) -> Group:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    group = Group.objects.create(slug=slug, name=slug, purpose="What the list is about.")
    edition = RulesEdition.objects.create(group=group, number=1)
    texts = [("Keep to the shared interest.", Concern.TOPIC), ("Don't sell to the group.", Concern.OFFERS)]
    for number, (text, concern) in enumerate(texts, start=1):
        Rule.objects.create(edition=edition, number=number, text=text, concern=concern)
    return group


def _a_day_passes(group: Group) -> None:
    day = timedelta(days=1)
    Post.objects.filter(group=group).update(created_at=F("created_at") - day, inbox_at=F("inbox_at") - day)
    Topic.objects.filter(group=group).update(created_at=F("created_at") - day)
    Membership.objects.filter(group=group).update(joined_at=F("joined_at") - day)
    Decision.objects.filter(post__group=group).update(decided_at=F("decided_at") - day)
