from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from django.db import transaction

from moothall.core.clock import now
from moothall.groups.authority import NOT_A_MANAGER, is_manager, lock
from moothall.groups.models import Group, Joining, Policy, Setting, SettingsChange, Visibility
from moothall.groups.refusal import Refusal
from moothall.groups.stated import check_stated

# PostgreSQL's own text search dictionaries (snowball); "simple" for every other language.
SEARCH_LANGUAGES = {
    "simple": "Any other language",
    "arabic": "Arabic",
    "danish": "Danish",
    "dutch": "Dutch",
    "english": "English",
    "finnish": "Finnish",
    "french": "French",
    "german": "German",
    "greek": "Greek",
    "hungarian": "Hungarian",
    "indonesian": "Indonesian",
    "irish": "Irish",
    "italian": "Italian",
    "norwegian": "Norwegian",
    "portuguese": "Portuguese",
    "romanian": "Romanian",
    "russian": "Russian",
    "spanish": "Spanish",
    "swedish": "Swedish",
    "turkish": "Turkish",
}
SHORTEST_PROMISE_HOURS, LONGEST_PROMISE_HOURS = 1, 72


@dataclass(frozen=True, slots=True)
class GroupSettings:
    name: str
    purpose: str
    joining: Joining
    join_question: str
    visibility: Visibility
    may_be_indexed: bool
    policy: Policy
    promise_hours: int
    search_config: str


CHANGED_MEANWHILE = Refusal(
    "Somebody else has changed the settings while you did; what, is told under ‘Last changes’. Nothing of yours is "
    "saved yet: look at the form once more, then save again."
)


def as_they_stand(group: Group) -> str:
    """Names the settings as this group has them: another value of any gives another name."""
    values = [str(getattr(group, setting)) for setting in Setting]
    return hashlib.sha256("\x00".join(values).encode()).hexdigest()[:16]


def change(group_id: int, settings: GroupSettings, *, by_id: int, seen: str) -> Refusal | None:
    """All settings at once; each that is another now leaves a SettingsChange.

    `seen` is what `as_they_stand` said when the form was filled: of two managers who change at once the second is
    refused, since the form holds all settings and would put back what the first has changed. The short name in
    addresses stays, so that links keep working.
    """
    if refusal := _problem(settings):
        return refusal
    with transaction.atomic():
        group = lock(group_id)
        if not is_manager(group, by_id):
            return NOT_A_MANAGER
        values = asdict(settings)
        changes = _changes(group, values, by_id)
        if changes and as_they_stand(group) != seen:
            return CHANGED_MEANWHILE
        SettingsChange.objects.bulk_create(changes)
        for field, value in values.items():
            setattr(group, field, value)
        group.save(update_fields=list(values))
    return None


def _changes(group: Group, values: dict[str, object], by_id: int) -> list[SettingsChange]:
    """One row for each setting that is another now."""
    at = now()
    told = [(setting, str(getattr(group, setting)), str(values[setting])) for setting in Setting]
    return [
        SettingsChange(group=group, setting=setting, before=before, after=after, changed_by_id=by_id, changed_at=at)
        for setting, before, after in told
        if before != after
    ]


def _problem(settings: GroupSettings) -> Refusal | None:
    if refusal := check_stated(settings.name, settings.purpose):
        return refusal
    if settings.may_be_indexed and settings.visibility != Visibility.PUBLIC:
        return Refusal("Search engines can only list a group that anybody may read.", "may_be_indexed")
    if not SHORTEST_PROMISE_HOURS <= settings.promise_hours <= LONGEST_PROMISE_HOURS:
        return Refusal("Promise between 1 and 72 hours.", "promise_hours")
    if settings.search_config not in SEARCH_LANGUAGES:
        return Refusal("Choose a language from the list.", "search_config")
    return None
