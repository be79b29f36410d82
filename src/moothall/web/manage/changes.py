"""A group's last changes of settings, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.text import Truncator

from moothall.groups.change import SEARCH_LANGUAGES
from moothall.groups.models import Group, Joining, Policy, Setting, SettingsChange, Visibility
from moothall.members.models import Profile

SHOWN = 8
WORDS_SHOWN = 60
_LABELS: dict[str, dict[str, str]] = {
    Setting.JOINING: dict(Joining.choices),
    Setting.VISIBILITY: dict(Visibility.choices),
    Setting.POLICY: dict(Policy.choices),
    Setting.SEARCH_CONFIG: SEARCH_LANGUAGES,
    Setting.MAY_BE_INDEXED: {"True": "yes", "False": "no"},
}


@dataclass(frozen=True, slots=True)
class Told:
    what: str
    before: str
    after: str
    by: Profile | None
    at: datetime


def last_changes(group: Group) -> list[Told]:
    """The latest first."""
    found = SettingsChange.objects.filter(group=group).select_related("changed_by").order_by("-changed_at", "-id")
    return [_told(change) for change in found[:SHOWN]]


def _told(change: SettingsChange) -> Told:
    setting = Setting(change.setting)
    return Told(
        what=setting.label,
        before=_words(setting, change.before),
        after=_words(setting, change.after),
        by=change.changed_by,
        at=change.changed_at,
    )


def _words(setting: Setting, value: str) -> str:
    if setting == Setting.PROMISE_HOURS:
        return f"{value} hour" if value == "1" else f"{value} hours"
    known = _LABELS.get(setting, {}).get(value)
    return known or (f"‘{Truncator(' '.join(value.split())).chars(WORDS_SHOWN)}’" if value else "nothing")
