from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from moothall.groups.change import LONGEST_PROMISE_HOURS, SEARCH_LANGUAGES, SHORTEST_PROMISE_HOURS, GroupSettings
from moothall.groups.create import NewGroup
from moothall.groups.models import Group, Joining, Policy, Visibility
from moothall.groups.refusal import Refusal
from moothall.judging.judge import is_wide
from moothall.web.manage.fields import LineField, TextField

INTEREST_HELP = "One or two sentences, shown above every conversation. Every post is read against them."
WIDE_HINT = (
    "The interest as it is stated fits nearly every post. Name what people talk about here, and posts that do not "
    "belong can be told from those that do."
)
QUESTION_HELP = "Asked of everybody who wants to join; a manager reads the answer. May stay empty."


def show_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Bind it to the field it concerns, or to the whole form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


def hint_at_width(request: HttpRequest, purpose: str) -> None:
    """Tell managers when no post can be held against what they wrote."""
    if is_wide(purpose):
        messages.info(request, WIDE_HINT)


class NewGroupForm(forms.Form):
    name = LineField(
        max_length=100,
        error_messages={"required": "A group needs a name.", "max_length": "100 characters are the most."},
    )
    purpose = TextField(
        label="The shared interest",
        max_length=600,
        help_text=INTEREST_HELP,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "State the interest that people here share. Every post is read against it.",
            "max_length": "600 characters are the most.",
        },
    )
    visibility = forms.ChoiceField(
        label="Who may find and read it",
        choices=Visibility.choices,
        initial=Visibility.PRIVATE,
        widget=forms.RadioSelect,
    )
    joining = forms.ChoiceField(
        label="How people join", choices=Joining.choices, initial=Joining.APPROVAL, widget=forms.RadioSelect
    )
    join_question = LineField(label="A question on joining", required=False, max_length=240, help_text=QUESTION_HELP)

    def new_group(self) -> NewGroup:
        given = self.cleaned_data
        return NewGroup(
            name=given["name"],
            purpose=given["purpose"],
            joining=Joining(given["joining"]),
            join_question=given["join_question"],
            visibility=Visibility(given["visibility"]),
        )


class SettingsForm(NewGroupForm):
    may_be_indexed = forms.BooleanField(
        label="Search engines may list it",
        required=False,
        help_text="Only where anybody may read posts. Otherwise the pages ask every search engine to stay away.",
    )
    policy = forms.ChoiceField(choices=Policy.choices, widget=forms.RadioSelect)
    promise_hours = forms.IntegerField(
        label="Look at held posts within",
        min_value=SHORTEST_PROMISE_HOURS,
        max_value=LONGEST_PROMISE_HOURS,
        help_text="Hours; shown on the group’s page.",
        error_messages={
            "required": "Promise between 1 and 72 hours.",
            "invalid": "Promise between 1 and 72 hours.",
            "min_value": "Promise between 1 and 72 hours.",
            "max_value": "Promise between 1 and 72 hours.",
        },
    )
    search_config = forms.ChoiceField(
        label="Language of most posts",
        choices=list(SEARCH_LANGUAGES.items()),
        help_text="So that a search for ‘repair’ also finds ‘repairing’.",
    )

    @staticmethod
    def values_of(group: Group) -> dict[str, object]:
        return {name: getattr(group, name) for name in SettingsForm.base_fields}

    def settings(self) -> GroupSettings:
        given = self.cleaned_data
        return GroupSettings(
            name=given["name"],
            purpose=given["purpose"],
            joining=Joining(given["joining"]),
            join_question=given["join_question"],
            visibility=Visibility(given["visibility"]),
            may_be_indexed=given["may_be_indexed"],
            policy=Policy(given["policy"]),
            promise_hours=given["promise_hours"],
            search_config=given["search_config"],
        )


class AcceptRulesForm(forms.Form):
    """`seen_edition` is the edition that stood on the page when the box was ticked."""

    seen_edition = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=10**6)
    accepts = forms.BooleanField(label="I have read the rules and will keep them", required=False)


class JoinForm(AcceptRulesForm):
    answer = TextField(
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "1,000 characters are the most."},
    )


class BanForm(forms.Form):
    banned_reason = LineField(
        label="Why the group is closed to them",
        max_length=400,
        help_text="They read it when they come back.",
        error_messages={
            "required": "Say why. The person reads it when they come back.",
            "max_length": "400 characters are the most.",
        },
    )


class InviteForm(forms.Form):
    address = forms.EmailField(
        label="Only for this address",
        required=False,
        max_length=254,
        help_text="A link may be for nobody in particular: then whoever opens it first gets in.",
        error_messages={"invalid": "Write an e-mail address, such as ada@example.org, or leave it empty."},
    )


class CloseForm(forms.Form):
    typed_name = LineField(
        label="The group’s name",
        max_length=100,
        error_messages={"required": "Type the group’s name to close it."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
