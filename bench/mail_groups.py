"""Groups whose members write by mail, and what they write: texts of the project's own corpus."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from allauth.account.models import EmailAddress
from filling_texts import corpus_texts

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.groups.models import Group, MailChoice, Membership
from moothall.members.models import Profile
from moothall.rules.models import Rule, RulesEdition

GROUPS = 20
MEMBERS = 50
# Of so many mails to a group, the first begins a conversation and the others answer it.
CONVERSATION = 5


@dataclass(frozen=True, slots=True)
class Letter:
    sender: str
    recipient: str
    message_id: str
    raw: bytes


def fill_groups(domain: str, *, groups: int = GROUPS, members: int = MEMBERS, choice: MailChoice) -> list[list[str]]:
    """The addresses of each group's members; group n has the slug `group-n`."""
    found = []
    for number in range(groups):
        group = Group.objects.create(slug=f"group-{number}", name=f"Group {number}", purpose="Things worth knowing.")
        edition = RulesEdition.objects.create(group=group, number=1)
        Rule.objects.create(edition=edition, number=1, text="Keep to the shared interest.")
        found.append(_members(group, [f"m{n}.{number}@readers.{domain}" for n in range(members)], choice))
    return found


def _members(group: Group, addresses: list[str], choice: MailChoice) -> list[str]:
    """Who have been here for long, and have proved their addresses."""
    users = User.objects.bulk_create([User(email=a, password="!", last_login=now()) for a in addresses])
    EmailAddress.objects.bulk_create([EmailAddress(user=u, email=u.email, verified=True, primary=True) for u in users])
    profiles = Profile.objects.bulk_create(
        [Profile(user=u, name=f"Member {u.id}", handle=f"member-{u.id}") for u in users]
    )
    joined_at = now() - timedelta(days=90)
    Membership.objects.bulk_create(
        [Membership(group=group, profile=p, joined_at=joined_at, has_standing=True, mail_discussions=choice)
         for p in profiles]
    )  # fmt: skip
    return addresses


def letters(writers: list[list[str]], domain: str, start: int, count: int) -> Iterator[Letter]:
    """From one group after the other; `start` makes their ids and texts differ from those of an earlier call."""
    chance = random.Random(start)
    texts = corpus_texts()
    begun = [""] * len(writers)
    for number in range(start, start + count):
        place = number % len(writers)
        title, text = texts[number % len(texts)]
        sender = chance.choice(writers[place])
        mail = EmailMessage()
        mail["From"] = f"Member <{sender}>"
        mail["To"] = recipient = f"group-{place}@{domain}"
        mail["Message-ID"] = message_id = f"<{number}.letter@readers.{domain}>"
        begins = (number - start) // len(writers) % CONVERSATION == 0
        mail["Subject"] = f"{title[:60]} ({number})" if begins else f"Re: number {number}"
        if begins:
            begun[place] = message_id
        else:
            mail["In-Reply-To"] = begun[place]
        mail.set_content(text)
        yield Letter(sender, recipient, message_id.strip("<>"), mail.as_bytes().replace(b"\n", b"\r\n"))
