from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from moothall.discussions.models import Kind, Lane
from moothall.groups.models import Group
from moothall.members.models import NAME_LENGTH, Profile
from moothall.members.names import clean_name
from moothall.search.find import QUERY_LENGTH, Query

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_NO_DAY = {"invalid": "Write the day like this: 2024-03-25."}


class SearchForm(forms.Form):
    q = forms.CharField(label="Words", required=False, max_length=QUERY_LENGTH)
    group = forms.ModelChoiceField(
        Group.objects.none(),
        label="Group",
        to_field_name="slug",
        required=False,
        empty_label="All groups",
        error_messages={"invalid_choice": "You can’t search in this group. Choose another."},
    )
    kind = forms.ChoiceField(label="Kind", choices=[("", "Any kind"), *Kind.choices], required=False)
    lane = forms.ChoiceField(label="Where", choices=[("", "Everywhere"), *Lane.choices], required=False)
    author = forms.CharField(label="Written by", required=False, max_length=NAME_LENGTH)
    since = forms.DateField(label="From", required=False, widget=_DAY, error_messages=_NO_DAY)
    until = forms.DateField(label="To", required=False, widget=_DAY, error_messages=_NO_DAY)

    def __init__(self, *args: Any, viewer: Profile | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        readable = Group.objects.readable_by(viewer).order_by("name")
        self.fields["group"].queryset = readable  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if isinstance(since, date) and isinstance(until, date) and until < since:
            self.add_error("until", "This day is before the other one.")
        return given

    def query(self) -> Query | None:
        """Call once the form is valid. None where the author is nobody we know, so that nothing can be found."""
        given = self.cleaned_data
        authors = people_named(given["author"])
        if given["author"] and not authors:
            return None
        return Query(
            text=given["q"],
            group=given["group"],
            kind=Kind(given["kind"]) if given["kind"] else None,
            lane=Lane(given["lane"]) if given["lane"] else None,
            authors=authors,
            since=given["since"],
            until=given["until"],
        )


def people_named(name: str) -> tuple[int, ...]:
    """Their profiles, by the short name in the address of one, else by the full name, which several may have."""
    if not name:
        return ()
    by_handle = tuple(Profile.objects.filter(handle=name.lower()).values_list("id", flat=True))
    return by_handle or tuple(Profile.objects.filter(name__iexact=clean_name(name)).values_list("id", flat=True))
