from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction

from moothall.groups.authority import NOT_A_MANAGER, is_manager, lock
from moothall.groups.models import Joining, Policy, Visibility
from moothall.groups.refusal import Refusal

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


def change(group_id: int, settings: GroupSettings, *, by_id: int) -> Refusal | None:
    """All settings at once. The short name in addresses stays, so that links keep working."""
    if refusal := _problem(settings):
        return refusal
    with transaction.atomic():
        group = lock(group_id)
        if not is_manager(group, by_id):
            return NOT_A_MANAGER
        values = asdict(settings)
        for field, value in values.items():
            setattr(group, field, value)
        group.save(update_fields=list(values))
    return None


def _problem(settings: GroupSettings) -> Refusal | None:
    if not settings.name.strip():
        return Refusal("A group needs a name.", "name")
    if not settings.purpose.strip():
        return Refusal("State the interest that people here share. Every post is read against it.", "purpose")
    if settings.may_be_indexed and settings.visibility != Visibility.PUBLIC:
        return Refusal("Search engines can only list a group that anybody may read.", "may_be_indexed")
    if not SHORTEST_PROMISE_HOURS <= settings.promise_hours <= LONGEST_PROMISE_HOURS:
        return Refusal("Promise between 1 and 72 hours.", "promise_hours")
    if settings.search_config not in SEARCH_LANGUAGES:
        return Refusal("Choose a language from the list.", "search_config")
    return None
