"""The demo's conversations: everything comes in at the one door, and managers decide as managers do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from moothall.cli.demo.story import Fate, GroupStory, Reply, Thread
from moothall.cli.demo.times import times
from moothall.discussions.models import Kind, Lane, Source
from moothall.groups.models import Group
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action
from moothall.posting.answer import choose_answer
from moothall.posting.submission import Outcome, Result, Submission
from moothall.posting.submit import submit_batch
from moothall.rules.current import rule_for
from moothall.rules.models import Concern


@dataclass(frozen=True, slots=True)
class Said:
    """One post of the story, and what became of it at the door."""

    told: Thread | Reply
    thread: Thread
    post_id: int
    result: Result


def hold_conversations(
    group: Group, told: GroupStory, people: Mapping[str, Profile], at: datetime, chance: Random
) -> list[Said]:
    planned = [
        (submission, post, thread)
        for nth, thread in enumerate(told.threads)
        for submission, post in _thread(group, nth, thread, people, times(thread, at, chance))
    ]
    planned.sort(key=lambda each: (each[0].written_at or at, each[0].message_id))
    outcomes = submit_batch([submission for submission, _, _ in planned])
    said = [_said(post, thread, outcome) for (_, post, thread), outcome in zip(planned, outcomes, strict=True)]
    _decide(group, told, said, people)
    for each in said:
        if isinstance(each.told, Reply) and each.told.answer:
            choose_answer(each.post_id, people[each.thread.by].id)
    return said


def _thread(
    group: Group, nth: int, thread: Thread, people: Mapping[str, Profile], moments: Sequence[datetime]
) -> list[tuple[Submission, Thread | Reply]]:
    """Placed as mail is: by the thread's key and the message that is answered."""
    key = f"demo-{nth}"
    ids = [f"{key}.{number}@moothall.example" for number in range(len(moments))]
    posts: list[Thread | Reply] = [thread, *thread.replies]
    return [
        (
            Submission(
                group_id=group.id,
                author_id=people[post.by].id,
                text=post.text,
                title=thread.title,
                kind=thread.kind if isinstance(post, Thread) else Kind.DISCUSSION,
                source=Source.DEMO,
                written_at=moment,
                message_id=message_id,
                in_reply_to=ids[post.to] if isinstance(post, Reply) else "",
                thread_key=key,
            ),
            post,
        )
        for post, moment, message_id in zip(posts, moments, ids, strict=True)
    ]


def _said(post: Thread | Reply, thread: Thread, outcome: Outcome) -> Said:
    if outcome.post_id is None:
        raise ValueError(f"{thread.title}: {outcome.problems}")
    return Said(post, thread, outcome.post_id, outcome.result)


def _decide(group: Group, told: GroupStory, said: Sequence[Said], people: Mapping[str, Profile]) -> None:
    """Genuine posts that were held are approved, offers are moved or kept waiting."""
    rule = rule_for(group, Concern.OFFERS)
    for each in said:
        manager = _manager(told, each, people)
        if each.told.fate == Fate.MOVED:
            note = each.told.note.removesuffix(manager.name.split()[0]).rstrip()
            choice = Choice(Action.REROUTE, Lane.PROMOTIONS, note, rule.id if rule else None)
            decide(each.post_id, choice, manager.id)
        elif each.told.fate == Fate.QUEUE and each.result == Result.PUBLISHED:
            decide(each.post_id, Choice(Action.HOLD, rule_id=rule.id if rule else None), manager.id)
        elif each.told.fate == Fate.SHOWN and each.result == Result.HELD:
            decide(each.post_id, Choice(Action.ACCEPT), manager.id)


def _manager(told: GroupStory, each: Said, people: Mapping[str, Profile]) -> Profile:
    """Whoever signed the note; else the first manager who did not write the post."""
    managers = [told.owner, *told.moderators]
    signed = [name for name in managers if each.told.note.endswith(name.split()[0])]
    return people[(signed or [name for name in managers if name != each.told.by])[0]]
