from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from moothall.groups.access import Access
from moothall.groups.invite import find_open, group_entered, invite, open_invitations, withdraw
from moothall.groups.invite_by_mail import invite_by_mail
from moothall.groups.join import join_by_invitation
from moothall.groups.refusal import Refusal
from moothall.rules.current import current_edition
from moothall.web.manage.forms import InviteForm, JoinForm, show_refusal
from moothall.web.manage.joining import application_from, welcome
from moothall.web.reader import in_managed_group, is_nameless, reader, to_log_in


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@in_managed_group
def group_invitations(request: HttpRequest, there: Access) -> HttpResponse:
    """The new link is shown in the answer to the form itself: it is known at no other time."""
    form = InviteForm(request.POST or None)
    link = ""
    if request.method == "POST" and request.POST.get("do") == "mail":
        if _mailed(request, there, form):
            return redirect("group_invitations", slug=there.group.slug)
    elif request.method == "POST" and form.is_valid():
        answer = invite(there.group.id, by_id=there.person.id, address=form.cleaned_data["address"])
        if isinstance(answer, Refusal):
            show_refusal(form, answer)
        else:
            link = request.build_absolute_uri(reverse("invitation", kwargs={"secret": answer.secret}))
            form = InviteForm()
    invitations = open_invitations(there.group.id).select_related("invited_by")
    context = {
        "group": there.group,
        "access": there,
        "tab": "invitations",
        "form": form,
        "link": link,
        "invitations": invitations,
    }
    return render(request, "manage/group_invitations.html", context)


def _mailed(request: HttpRequest, there: Access, form: InviteForm) -> bool:
    """What is said then is the same for every address: whose it is, and what they asked for, is theirs to tell."""
    if not form.is_valid():
        return False
    address = form.cleaned_data["address"]
    if not address:
        form.add_error("address", "Write the address to which the invitation shall go.")
        return False
    answer = invite_by_mail(there.group.id, by_id=there.person.id, address=address)
    if isinstance(answer, Refusal):
        show_refusal(form, answer)
        return False
    messages.success(
        request, f"The invitation goes to {answer.invitation.address}, unless its reader wants no mail from here."
    )
    return True


@require_POST
@in_managed_group
def invitation_withdraw(request: HttpRequest, there: Access, invitation_id: int) -> HttpResponse:
    refusal = withdraw(there.group.id, invitation_id, by_id=there.person.id)
    if refusal is None:
        messages.success(request, "The invitation is taken back. Its link opens nothing now.")
    else:
        messages.error(request, refusal.message)
    return redirect("group_invitations", slug=there.group.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """What a secret link opens: the group's interest and rules, and a button. Following the link changes nothing."""
    found, profile = find_open(secret), reader(request)
    if found is None:
        entered = group_entered(secret, profile) if profile is not None else None
        if entered is not None:
            return redirect("group", slug=entered.slug)
        return render(request, "manage/invitation_gone.html", status=404)
    if is_nameless(request):
        return to_log_in(request)
    edition = current_edition(found.group)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and profile is not None and (application := application_from(form, edition)):
        answer = join_by_invitation(secret, profile.id, application)
        if not isinstance(answer, Refusal):
            return welcome(request, found.group, answer.state)
        show_refusal(form, answer)
    context = {"group": found.group, "invitation": found, "form": form, "edition": edition}
    return render(request, "manage/invitation.html", context)
