"""What the demo tells, as corpus/make_demo.py wrote it down."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from typing import Any

from moothall.discussions.models import Kind
from moothall.groups.models import Joining, Policy, Visibility
from moothall.rules.models import Concern
from moothall.rules.publish import DraftRule


class Fate(StrEnum):
    """What becomes of a post that is not meant to be shown as it is."""

    SHOWN = ""
    QUEUE = "queue"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    login: str = ""
    headline: str = ""
    about: str = ""
    knows: tuple[str, ...] = ()
    services: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """`to` is the number of the reply that it answers, counted from 1; 0 is the first post."""

    by: str
    text: str
    to: int = 0
    thanks: int = 0
    answer: bool = False
    fate: Fate = Fate.SHOWN
    note: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    by: str
    title: str
    text: str
    kind: Kind
    days: float
    fate: Fate = Fate.SHOWN
    note: str = ""
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupStory:
    name: str
    purpose: str
    visibility: Visibility
    joining: Joining
    owner: str
    moderators: tuple[str, ...]
    members: tuple[str, ...]
    rules: tuple[DraftRule, ...]
    threads: tuple[Thread, ...]
    rules_before: tuple[DraftRule, ...] = ()
    policy: Policy = Policy.BALANCED
    join_question: str = ""
    may_be_indexed: bool = False
    pending: tuple[tuple[str, str], ...] = ()

    def first_wrote_days_ago(self) -> dict[str, float]:
        """At least so long has each writer been here."""
        found: dict[str, float] = {}
        for thread in self.threads:
            for name in (thread.by, *(reply.by for reply in thread.replies)):
                found[name] = max(found.get(name, 0.0), thread.days)
        return found

    def everybody(self) -> list[str]:
        """Owner, moderators, members, then whoever writes, each once."""
        writers = [name for thread in self.threads for name in (thread.by, *(reply.by for reply in thread.replies))]
        return list(dict.fromkeys([self.owner, *self.moderators, *self.members, *writers]))


@dataclass(frozen=True, slots=True)
class Story:
    people: tuple[Person, ...]
    groups: tuple[GroupStory, ...] = field(default=())

    def everybody(self) -> list[Person]:
        """Those who are described, then everybody else who is named."""
        described = {person.name: person for person in self.people}
        named = [n for group in self.groups for n in (*group.everybody(), *(name for name, _ in group.pending))]
        return [described.get(name, Person(name)) for name in dict.fromkeys([*described, *named])]


def read_story() -> Story:
    told = json.loads((files("moothall.cli.demo") / "demo.json").read_text(encoding="utf-8"))
    return Story(tuple(map(_person, told["people"])), tuple(map(_group, told["groups"])))


def _person(told: dict[str, Any]) -> Person:
    services = tuple((title, text) for title, text in told.get("services", []))
    return Person(**(told | {"knows": tuple(told.get("knows", ())), "services": services}))


def _group(told: dict[str, Any]) -> GroupStory:
    values = told | {
        "visibility": Visibility(told["visibility"]),
        "joining": Joining(told["joining"]),
        "policy": Policy(told.get("policy", Policy.BALANCED)),
        "moderators": tuple(told["moderators"]),
        "members": tuple(told["members"]),
        "pending": tuple((name, answer) for name, answer in told.get("pending", [])),
        "rules": _rules(told["rules"]),
        "rules_before": _rules(told.get("rules_before", [])),
        "threads": tuple(map(_thread, told["threads"])),
    }
    return GroupStory(**values)


def _rules(told: list[list[str]]) -> tuple[DraftRule, ...]:
    return tuple(DraftRule(text, Concern(concern)) for text, concern in told)


def _thread(told: dict[str, Any]) -> Thread:
    replies = tuple(Reply(**(reply | {"fate": Fate(reply.get("fate", ""))})) for reply in told["replies"])
    return Thread(**(told | {"kind": Kind(told["kind"]), "fate": Fate(told.get("fate", "")), "replies": replies}))
