"""The demo's people: their log-ins, profiles and what they offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from allauth.account.models import EmailAddress
from django.utils.text import slugify

from moothall.accounts.models import User
from moothall.cli.demo.story import Person
from moothall.cli.demo_logins import DemoLogin
from moothall.core.markdown import render
from moothall.members.models import Profile, Service

PASSWORD = "three-joists-and-a-beam"  # noqa: S105 - the demo's, told to whoever starts it
DOMAIN = "moothall.example"
STAFF = Person("Ada Keeper", login="staff", headline="Keeps this site")
ABOUT = {
    "olga": "Olga owns the Woodworkers' Guild and the theatre makers: settings, people, the queue",
    "mo": "Mo moderates the Woodworkers' Guild",
    "mia": "Mia is a member who writes in several groups",
    "nils": "Nils has just joined; a post of his waits for a manager",
    "sam": "Sam has an account and hardly a group",
    "staff": "Staff of the site: the admin at /admin/",
}


def make_people(people: Sequence[Person], at: datetime, chance: Random) -> Mapping[str, Profile]:
    """By name. Nobody can log in but those with a `login`."""
    users = [_user(person, at, chance) for person in people]
    User.objects.bulk_create(users)
    profiles = [_profile(person, user) for person, user in zip(people, users, strict=True)]
    Profile.objects.bulk_create(profiles)
    Service.objects.bulk_create(
        Service(profile=profile, title=title, text=text, position=nth)
        for person, profile in zip(people, profiles, strict=True)
        for nth, (title, text) in enumerate(person.services)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for person, user in zip(people, users, strict=True)
        if person.login
    )
    return {profile.name: profile for profile in profiles}


def logins(people: Sequence[Person]) -> list[DemoLogin]:
    return [DemoLogin(_email(person), PASSWORD, ABOUT[person.login]) for person in people if person.login]


def _email(person: Person) -> str:
    return f"{person.login or slugify(person.name)}@{DOMAIN}"


def _user(person: Person, at: datetime, chance: Random) -> User:
    is_staff = person == STAFF
    user = User(email=_email(person), is_staff=is_staff, is_superuser=is_staff)
    user.joined_at = at - timedelta(days=2 if person.login == "nils" else chance.randint(70, 500))
    user.set_password(PASSWORD if person.login else None)
    return user


def _profile(person: Person, user: User) -> Profile:
    return Profile(
        user=user,
        handle=slugify(person.name),
        name=person.name,
        headline=person.headline,
        about=person.about,
        about_html=render(person.about) if person.about else "",
        knows=list(person.knows),
        created_at=user.joined_at,
    )
