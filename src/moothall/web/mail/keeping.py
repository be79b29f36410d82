"""When a manager is mailed what waits for them, and how the group's week was."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from moothall.groups.access import Access
from moothall.groups.mail_choice import CHOICES, KEEPING, choose_keeping_time, choose_mail
from moothall.groups.models import MailChoice
from moothall.web.mail.choices import says
from moothall.web.reader import in_managed_group

HOURS = [(hour, f"{hour}:00") for hour in range(24)]
WEEKDAYS = list(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


class KeepingForm(forms.Form):
    mail = forms.ChoiceField(choices=[(choice.value, choice.label) for choice in CHOICES[KEEPING]])
    hour = forms.TypedChoiceField(choices=HOURS, coerce=int)
    weekday = forms.TypedChoiceField(choices=WEEKDAYS, coerce=int)


@require_POST
@in_managed_group
def group_keeping_mail(request: HttpRequest, there: Access) -> HttpResponse:
    form = KeepingForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose how often, an hour and a weekday from the lists.")
        return redirect("account_mail")
    choice = MailChoice(form.cleaned_data["mail"])
    choose_mail(there.group.id, there.person.id, KEEPING, choice)
    choose_keeping_time(there.group.id, there.person.id, form.cleaned_data["hour"], form.cleaned_data["weekday"])
    messages.success(request, says(choice, there.group.name, KEEPING))
    return redirect("account_mail")
