from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from moothall.core.markdown import render as render_markdown
from moothall.members.fields import HeadlineField, KnowsField, NameField, ProseField
from moothall.members.models import Profile
from moothall.web.reader import for_members


class ProfileForm(forms.Form):
    name = NameField(label="Your name")
    headline = HeadlineField(
        label="In one line", required=False, max_length=160, help_text="Lime plasterer near Sudbury, for instance."
    )
    knows = KnowsField(
        label="What people may ask you about",
        required=False,
        help_text="A line each, twelve at most.",
    )
    about = ProseField(
        label="About you", required=False, max_length=8000, help_text="Markdown. What you sell has its own place."
    )


@for_members
def edit_profile(request: HttpRequest, profile: Profile) -> HttpResponse:
    before = {"name": profile.name, "headline": profile.headline, "knows": profile.knows, "about": profile.about}
    form = ProfileForm(request.POST or None, initial=before)
    if request.method == "POST" and form.is_valid():
        for field, value in form.cleaned_data.items():
            setattr(profile, field, value)
        profile.about_html = render_markdown(profile.about)
        profile.save(update_fields=["name", "headline", "knows", "about", "about_html"])
        messages.success(request, "Your profile is saved.")
        return redirect("profile", profile.handle)
    return render(request, "account/profile.html", {"form": form, "profile": profile})
