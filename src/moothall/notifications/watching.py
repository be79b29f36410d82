"""Following and muting topics and people."""

from __future__ import annotations

from django.db.models import Q

from moothall.notifications.models import Attitude, Watch


def watch_topic(profile_id: int, topic_id: int, attitude: Attitude) -> None:
    Watch.objects.update_or_create(profile_id=profile_id, topic_id=topic_id, defaults={"attitude": attitude})


def watch_person(profile_id: int, person_id: int, attitude: Attitude) -> None:
    if person_id == profile_id:
        raise ValueError("nobody watches themselves")
    Watch.objects.update_or_create(profile_id=profile_id, person_id=person_id, defaults={"attitude": attitude})


def stop_watching_topic(profile_id: int, topic_id: int) -> None:
    Watch.objects.filter(profile=profile_id, topic=topic_id).delete()


def stop_watching_person(profile_id: int, person_id: int) -> None:
    Watch.objects.filter(profile=profile_id, person=person_id).delete()


def attitude_to(profile_id: int, *, topic_id: int | None = None, person_id: int | None = None) -> str:
    """An empty string when it is neither followed nor muted."""
    what = Q(topic=topic_id) if topic_id is not None else Q(person=person_id)
    found = Watch.objects.filter(what, profile=profile_id).values_list("attitude", flat=True).first()
    return found or ""
