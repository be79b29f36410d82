from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.text import slugify

from moothall.core.clock import now
from moothall.groups.models import Group, Joining, Membership, Role, Visibility
from moothall.groups.refusal import Refusal
from moothall.groups.stated import check_stated
from moothall.mailer.addresses import mail_domain
from moothall.members.models import Profile

# Words that stand, or may come to stand, in an address where a group's short name would.
RESERVED = frozenset(
    (
        *("about", "all", "api", "export", "feed", "import", "mine", "new", "search"),
        *("abuse", "bounces", "complaints", "moothall", "noreply", "no-reply", "postmaster", "root"),
        # Who is reached there is taken for the domain's owner (CA/Browser Forum, Baseline Requirements 3.2.2.4.4).
        *("admin", "administrator", "hostmaster", "webmaster"),
    )
)
# The group's managers are written to at this ending, so no group's own address may have it.
OWNER_ENDING = "-owner"
# With a token behind it, it must fit into the 64 octets that a mail address may have before its @.
SLUG_LENGTH = 30
# A group's name and interest are read by everybody who looks for one, so that many would be a way to advertise.
MOST_A_DAY = 3


@dataclass(frozen=True, slots=True)
class NewGroup:
    name: str
    purpose: str
    joining: Joining = Joining.OPEN
    join_question: str = ""
    visibility: Visibility = Visibility.PRIVATE


def create(new: NewGroup, *, by_id: int) -> Group | Refusal:
    """A group and its owner, at once; sending the form twice founds it once.

    Its short name in addresses is made from its name.
    """
    name, purpose = new.name.strip(), new.purpose.strip()
    if refusal := check_stated(name, purpose):
        return refusal
    slug = slugify(name)[:SLUG_LENGTH].strip("-")
    if not slug:
        return Refusal("The name needs some letters from a to z, since it becomes part of the address.", "name")
    if slug in RESERVED or slug.endswith(OWNER_ENDING) or _is_the_sites(slug):
        return Refusal(f"‘{name}’ is a word that our addresses need. Please choose a longer name.", "name")
    with transaction.atomic():
        # Of many at once each would find room for itself.
        list(Profile.objects.select_for_update(no_key=True).filter(id=by_id).values_list("id"))
        if _founded_in_a_day(by_id) >= MOST_A_DAY and not Group.objects.filter(slug=slug).exists():
            return Refusal(f"You founded {MOST_A_DAY} groups within a day. Please found this one tomorrow.")
        group, is_new = Group.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name,
                "purpose": purpose,
                "joining": new.joining,
                "join_question": new.join_question.strip(),
                "visibility": new.visibility,
            },
        )
        if not is_new and _is_founded_by(group, name, purpose, by_id):
            return group
        if not is_new:
            return Refusal("There is a group of this name, or of one very like it. Please choose another.", "name")
        Membership.objects.create(group=group, profile_id=by_id, role=Role.OWNER, rules_accepted_at=now())
    return group


def _is_the_sites(slug: str) -> bool:
    """The site's own mails, about accounts and passwords, come from this address."""
    return f"{slug}@{mail_domain()}".lower() == parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()


def _founded_in_a_day(profile_id: int) -> int:
    """Whose membership is a group's first has founded it, whatever office they have in it now."""
    first = Membership.objects.filter(group=OuterRef("group")).order_by("id").values("id")[:1]
    mine = Membership.objects.filter(profile=profile_id, group__created_at__gt=now() - timedelta(days=1))
    return mine.filter(id=Subquery(first)).count()


def _is_founded_by(group: Group, name: str, purpose: str, profile_id: int) -> bool:
    owned = Membership.objects.filter(group=group, profile=profile_id, role=Role.OWNER)
    return (group.name, group.purpose, group.closed_at) == (name, purpose, None) and owned.exists()
