from __future__ import annotations

from moothall.groups.invite_by_mail import stop_invitations_token
from moothall.mailer.addresses import stop_token
from tests.web.personas.row import Row, Words, everybody, slug
from tests.world import World

LOGGED_IN = everybody(200) | {"nobody": 302}
MEMBERS_ACT = everybody(302) | {"sam": 404, "nobody": 404}


def topic(world: World) -> Words:
    return {**slug(world), "topic_id": world.topic.id}


def token(world: World) -> Words:
    return {"token": stop_token(world.mia.id, world.group.id, "discussions")}


def way_out(world: World) -> Words:
    return {"token": stop_invitations_token("lou@moothall.example")}


ROWS = [
    Row("told", LOGGED_IN),
    Row("told_read", everybody(302), method="post"),
    Row("account_mail", LOGGED_IN),
    Row("account_mail_resume", everybody(302), method="post"),
    Row("mail_stop", everybody(200), kwargs=token),
    Row("invitations_stop", everybody(200), kwargs=way_out),
    Row("invitations_stop", everybody(200), method="post", kwargs=way_out),
    Row("group_mail", MEMBERS_ACT, method="post", kwargs=slug, data=lambda world: {"mail": "daily"}),
    Row(
        "group_keeping_mail",
        MEMBERS_ACT | {"mia": 403, "nils": 403},
        method="post",
        kwargs=slug,
        data=lambda world: {"mail": "weekly", "hour": "6", "weekday": "2"},
    ),
    Row("topic_watch", MEMBERS_ACT, method="post", kwargs=topic, data=lambda world: {"watch": "mute"}),
    Row(
        "person_watch",
        everybody(302) | {"mo": 404},
        method="post",
        kwargs=lambda world: {"handle": world.mo.handle},
        data=lambda world: {"watch": "follow"},
    ),
]
