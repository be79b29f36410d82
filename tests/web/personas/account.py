from __future__ import annotations

from moothall.core.clock import now
from moothall.discussions.models import Post, Status
from moothall.members.models import Service
from tests.web.personas.row import Row, Words, everybody
from tests.world import World

MEMBERS = everybody(200) | {"nobody": 302}
POSTED = everybody(302)
# Who is not logged in gets what they wrote on the page that asks them to log in.
GIVEN_BACK = {"nobody": 403}
MIAS = everybody(404) | {"mia": 302, "nobody": 302}


def mias_service(world: World) -> Words:
    return {"service_id": Service.objects.create(profile=world.mia, title="Limewash").id}


def mias_post(world: World) -> Words:
    return {"post_id": world.first.id}


def mias_deleted_post(world: World) -> Words:
    Post.objects.filter(id=world.first.id).update(status=Status.DELETED, status_before="published", deleted_at=now())
    return mias_post(world)


def no_session(world: World) -> Words:
    return {"session_id": 1}


ROWS = [
    Row("account", MEMBERS),
    Row("account_name", everybody(302)),
    Row("account_profile", MEMBERS),
    Row("account_profile", POSTED, "post", data=lambda world: {"name": "Somebody Else"}),
    Row("account_services", MEMBERS),
    Row("account_services", POSTED | GIVEN_BACK, "post", data=lambda world: {"title": "Limewash"}),
    Row("account_service", MIAS | {"mia": 200}, kwargs=mias_service),
    Row("account_service", MIAS | GIVEN_BACK, "post", mias_service, lambda world: {"title": "Distemper"}),
    Row("account_service_up", MIAS, "post", kwargs=mias_service),
    Row("account_service_down", MIAS, "post", kwargs=mias_service),
    Row("account_service_remove", MIAS, "post", kwargs=mias_service),
    Row("account_service_restore", MIAS, "post", kwargs=mias_service),
    Row("account_display", MEMBERS),
    Row("account_display", POSTED, "post", data=lambda world: {"theme": "dark", "time_zone": "UTC"}),
    Row("account_session_end", everybody(404) | {"nobody": 302}, "post", kwargs=no_session),
    Row("account_posts", MEMBERS),
    Row("account_post_delete", MIAS, "post", kwargs=mias_post),
    Row("account_post_restore", MIAS, "post", kwargs=mias_deleted_post),
    Row("account_claims", MEMBERS),
    Row("account_claims", POSTED, "post", data=lambda world: {"address": "mia.moss@moothall.example"}),
    Row("account_export", MEMBERS),
    Row("account_export", POSTED, "post"),
    Row("account_export_progress", MEMBERS),
    Row("account_export_download", everybody(404) | {"nobody": 302}),
    Row("account_delete", MEMBERS),
    Row("account_delete", MEMBERS | {"olga": 200}, "post"),
    Row("account_delete_confirm", everybody(302)),
    Row("account_delete_confirm", everybody(302), "post"),
]
