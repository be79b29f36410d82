from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from moothall.groups.access import Access
from moothall.groups.change import CHANGED_MEANWHILE, SEARCH_LANGUAGES, as_they_stand, change
from moothall.groups.models import Policy
from moothall.groups.refusal import Refusal
from moothall.rules.current import current_edition
from moothall.search.tasks import index_anew
from moothall.web.manage import trial
from moothall.web.manage.changes import last_changes
from moothall.web.manage.forms import SettingsForm, hint_at_width, show_refusal
from moothall.web.reader import in_joined_group

POLICY_WORDS = {
    Policy.RELAXED: "Holds only what is plainly an offer.",
    Policy.BALANCED: "Holds what most members would call an offer.",
    Policy.STRICT: "Holds at the first doubt what comes from people the group does not know yet.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@in_joined_group
def group_settings(request: HttpRequest, there: Access) -> HttpResponse:
    """Members read every setting; managers change them."""
    form = SettingsForm(request.POST or None, initial=SettingsForm.values_of(there.group))
    seen = as_they_stand(there.group)
    if request.method == "POST":
        if not there.is_manager:
            return render(request, "web/members_only.html", {"group": there.group, "access": there}, status=403)
        now_standing, seen = seen, request.POST.get("seen", "")
        if form.is_valid():
            refusal = _change(there, form, seen)
            if refusal is None:
                messages.success(request, "The settings are changed.")
                if "purpose" in form.changed_data:
                    hint_at_width(request, form.settings().purpose)
                return redirect("group_settings", slug=there.group.slug)
            show_refusal(form, refusal)
            # Saving again then counts as having seen what the other one changed.
            seen = now_standing if refusal is CHANGED_MEANWHILE else seen
    return render(request, "manage/group_settings.html", _context(there, form) | {"seen": seen})


@transaction.atomic
def _change(there: Access, form: SettingsForm, seen: str) -> Refusal | None:
    refusal = change(there.group.id, form.settings(), by_id=there.person.id, seen=seen)
    if refusal is None and "search_config" in form.changed_data:
        index_anew(there.group.id)
    return refusal


def _context(there: Access, form: SettingsForm) -> dict[str, object]:
    group = there.group
    posts = trial.last_months_posts(group)
    chosen = Policy(group.policy)
    tried = trial.try_all(posts)
    managers = group.memberships.managers()
    return {
        "group": group,
        "access": there,
        "tab": "settings",
        "form": form,
        "posts_count": len(posts),
        "presets": [(each, POLICY_WORDS[each.policy]) for each in tried],
        "chosen": next(each for each in tried if each.policy == chosen),
        "picked": form["policy"].value(),
        "picture": trial.picture(posts, chosen),
        "managers": managers.select_related("profile").order_by("-role", "joined_at"),
        "changes": last_changes(group),
        "edition": current_edition(group),
        "language": SEARCH_LANGUAGES.get(group.search_config, group.search_config),
    }
