"""All of one's mail settings on one page."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from moothall.accounts.models import User
from moothall.discussions.models import Status
from moothall.groups.mail_choice import CHOICES, KEEPING
from moothall.groups.models import Group, MailChoice, Membership
from moothall.mailer.bounces import forget_bounces, stopped
from moothall.members.models import Profile, ProfileState
from moothall.notifications.models import Watch
from moothall.web.mail.keeping import HOURS as KEEPING_HOURS
from moothall.web.mail.keeping import WEEKDAYS
from moothall.web.reader import for_members

LONGEST_PAUSE_DAYS = 365
HOURS = [("", "Never"), *((str(hour), f"{hour}:00") for hour in range(24))]


class MailForm(forms.Form):
    mail_is_together = forms.BooleanField(
        label="One daily or weekly mail for all my groups",
        required=False,
        help_text="Instead of one from each group. It holds at most 15 conversations.",
    )
    mail_paused_until = forms.DateField(
        label="Pause all mail until",
        required=False,
        # A browser shows no day, and sends none back, that is written in another way.
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Empty: no pause. What happens meanwhile is on the site.",
    )
    mail_quiet_from = forms.TypedChoiceField(
        label="No mail from", choices=HOURS, coerce=int, empty_value=None, required=False
    )
    mail_quiet_until = forms.TypedChoiceField(
        label="Until", choices=HOURS, coerce=int, empty_value=None, required=False,
        help_text="On your own clock. Mail that would come then comes afterwards.",
    )  # fmt: skip

    def clean_mail_paused_until(self) -> date | None:
        until: date | None = self.cleaned_data["mail_paused_until"]
        if until is not None and until > timezone.localdate() + timedelta(days=LONGEST_PAUSE_DAYS):
            raise forms.ValidationError("Choose a day within a year. To stop a group's mail for good, choose None.")
        return until

    def clean(self) -> None:
        hours = [self.cleaned_data.get(name) for name in ("mail_quiet_from", "mail_quiet_until")]
        if hours.count(None) == 1:
            self.add_error("mail_quiet_until", "Give both hours, or neither.")


@for_members
def account_mail(request: HttpRequest, profile: Profile) -> HttpResponse:
    user = profile.user
    assert user is not None  # noqa: S101 - for_members finds profiles by their log-in
    before = {name: getattr(user, name) for name in MailForm.base_fields}
    form = MailForm(request.POST or None, initial=before)
    if request.method == "POST" and form.is_valid():
        User.objects.filter(id=user.id).update(**form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("account_mail")
    memberships = Membership.objects.active().filter(profile=profile, group__closed_at=None)
    return render(
        request,
        "mail/settings.html",
        {
            "form": form,
            "memberships": memberships.select_related("group").order_by("group__name"),
            "choices": MailChoice.choices,
            "keeping_choices": [(choice.value, choice.label) for choice in CHOICES[KEEPING]],
            "hours": KEEPING_HOURS,
            "weekdays": WEEKDAYS,
            "watches": _watches(profile),
            "is_stopped": is_stopped(profile),
        },
    )


@require_POST
@for_members
def account_mail_resume(request: HttpRequest, profile: Profile) -> HttpResponse:
    if profile.user is not None and forget_bounces(profile.user.email):
        messages.success(request, "Mail comes to you again.")
    return redirect("account_mail")


def is_stopped(profile: Profile) -> bool:
    """Whether mail to this member came back, so that none goes out."""
    return profile.user is not None and bool(stopped([profile.user.email]))


def _watches(profile: Profile) -> list[Watch]:
    """What one may still read, since titles change and each leads to its page."""
    topics = Q(topic__status=Status.PUBLISHED, topic__group__in=Group.objects.readable_by(profile).values("id"))
    watches = Watch.objects.filter(topics | Q(person__state=ProfileState.MEMBER), profile=profile)
    return list(watches.select_related("topic__group", "person").order_by("attitude", "-since")[:200])
