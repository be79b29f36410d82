"""Buttons: follow, mute, neither."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from moothall.groups.access import Access
from moothall.members.models import Profile, ProfileState
from moothall.notifications.models import Attitude
from moothall.notifications.watching import stop_watching_person, stop_watching_topic, watch_person, watch_topic
from moothall.web.reader import for_members, in_joined_group
from moothall.web.topic.page import find_topic

NEITHER = "neither"


@require_POST
@in_joined_group
def topic_watch(request: HttpRequest, there: Access, topic_id: int) -> HttpResponse:
    topic = find_topic(there, topic_id)
    if topic is None:
        raise Http404
    attitude = request.POST.get("watch", "")
    if attitude == NEITHER:
        stop_watching_topic(there.person.id, topic.id)
        messages.success(request, "You hear of this conversation as of any other.")
    elif attitude in Attitude.values:
        watch_topic(there.person.id, topic.id, Attitude(attitude))
        told = "You will hear of each answer here." if attitude == Attitude.FOLLOW else "You hear no more of this one."
        messages.success(request, told)
    else:
        return HttpResponseBadRequest("Choose follow, mute or neither.")
    return redirect("topic", there.group.slug, topic.id)


@require_POST
@for_members
def person_watch(request: HttpRequest, profile: Profile, handle: str) -> HttpResponse:
    person = get_object_or_404(Profile.objects.exclude(id=profile.id), handle=handle, state=ProfileState.MEMBER)
    attitude = request.POST.get("watch", "")
    if attitude == NEITHER:
        stop_watching_person(profile.id, person.id)
        messages.success(request, f"You hear of {person.name} as of anybody else.")
    elif attitude in Attitude.values:
        watch_person(profile.id, person.id, Attitude(attitude))
        what = "will hear of what {} writes" if attitude == Attitude.FOLLOW else "hear no more of what {} writes"
        messages.success(request, f"You {what.format(person.name)} in your groups.")
    else:
        return HttpResponseBadRequest("Choose follow, mute or neither.")
    return redirect("profile", person.handle)
