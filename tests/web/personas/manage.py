"""Founding, joining and leaving groups; what managers do."""

from __future__ import annotations

from moothall.groups.change import as_they_stand
from moothall.groups.invite import Issued, invite
from moothall.groups.models import Group, Membership
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action
from tests.web.personas.row import Row, Words, everybody, slug
from tests.world import World

MANAGERS = {"olga": 200, "mo": 200, "mia": 403, "nils": 403, "sam": 404, "nobody": 404}
MEMBERS = {"olga": 200, "mo": 200, "mia": 200, "nils": 200, "sam": 404, "nobody": 404}
DECIDING = {"olga": 302, "mo": 302, "mia": 403, "nils": 403, "sam": 404, "nobody": 404}


def mia_there(world: World) -> Words:
    return {"slug": world.group.slug, "membership_id": Membership.objects.get(profile=world.mia).id}


def issued(world: World) -> Issued:
    answer = invite(world.group.id, by_id=world.olga.id)
    assert isinstance(answer, Issued)
    return answer


def secret(world: World) -> Words:
    return {"secret": issued(world).secret}


def open_invitation(world: World) -> Words:
    return {"slug": world.group.slug, "invitation_id": issued(world).invitation.id}


def held_post(world: World) -> Words:
    return {"slug": world.group.slug, "post_id": world.held.id}


def decision(world: World) -> Words:
    made = decide(world.held.id, Choice(Action.REJECT, note="Please say what it is."), world.olga.id)
    return {"slug": world.group.slug, "decision_id": made.id}


def closed(world: World) -> Words:
    Group.objects.filter(id=world.group.id).update(closed_at=world.group.created_at)
    return slug(world)


NEW = {"name": "Lime burners", "purpose": "Burning lime", "visibility": "private", "joining": "open"}
LOGGED_IN = {**everybody(200), "nobody": 302}
OWNER = {"olga": 200, "mo": 403, "mia": 403, "nils": 403, "sam": 404, "nobody": 404}
RULES = {"text": ["Be kind."], "concern": ["conduct"], "seen_edition": "1", "do": "save"}
SETTINGS = {
    "name": "Old houses",
    "purpose": "Houses",
    "visibility": "private",
    "joining": "open",
    "policy": "strict",
    "promise_hours": "12",
    "search_config": "english",
}

ROWS = [
    Row("group_new", LOGGED_IN),
    Row("group_new", everybody(302) | {"nobody": 403}, "post", data=lambda world: NEW),
    Row("group_join", {**everybody(302), "sam": 404, "nobody": 404}, kwargs=slug),
    Row("group_join", {**everybody(302), "sam": 404, "nobody": 404}, "post", kwargs=slug),
    Row("group_leave", MEMBERS, kwargs=slug),
    Row("group_leave", {"olga": 200, "mo": 302, "mia": 302, "nils": 302, "sam": 404, "nobody": 404}, "post", slug),
    Row("group_rules", MEMBERS, kwargs=slug),
    Row("group_rules_accept", MEMBERS, kwargs=slug),
    Row(
        "group_rules_accept",
        {"olga": 302, "mo": 302, "mia": 302, "nils": 302, "sam": 404, "nobody": 404},
        "post",
        slug,
        lambda world: {"accepts": "on", "seen_edition": "1"},
    ),
    Row("group_rules_edit", MANAGERS, kwargs=slug),
    Row("group_rules_edit", DECIDING, "post", slug, lambda world: RULES),
    Row("group_settings", MEMBERS, kwargs=slug),
    Row("group_settings", DECIDING, "post", slug, lambda world: {**SETTINGS, "seen": as_they_stand(world.group)}),
    Row("group_rereading", MANAGERS, kwargs=slug),
    Row("group_rereading", DECIDING, "post", slug),
    Row("group_people", MANAGERS, kwargs=slug),
    Row("group_person", MANAGERS, kwargs=mia_there),
    Row("group_person", DECIDING, "post", mia_there, lambda world: {"do": "ban", "banned_reason": "Sold ladders"}),
    Row("group_invitations", MANAGERS, kwargs=slug),
    Row("group_invitations", MANAGERS, "post", slug, lambda world: {"address": ""}),
    Row("group_invitations", DECIDING, "post", slug, lambda world: {"address": "lou@moothall.example", "do": "mail"}),
    Row("invitation_withdraw", DECIDING, "post", open_invitation),
    Row("invitation", everybody(200), kwargs=secret),
    Row(
        "invitation",
        {**everybody(302), "nobody": 200},
        "post",
        secret,
        lambda w: {"accepts": "on", "seen_edition": "1"},
    ),
    Row("group_transfer", OWNER, kwargs=slug),
    Row("group_transfer", {**OWNER, "olga": 302}, "post", slug, lambda world: {"do": "withdraw"}),
    Row("group_close", OWNER, kwargs=slug),
    Row("group_close", {**OWNER, "olga": 302}, "post", slug, lambda world: {"typed_name": "Old houses"}),
    Row("group_reopen", {**everybody(404), "olga": 200}, kwargs=closed),
    Row("group_reopen", {**everybody(404), "olga": 302}, "post", closed),
    Row("group_review", MANAGERS, kwargs=slug),
    Row("post_decision", DECIDING, "post", held_post, lambda world: {"do": "reroute"}),
    Row("decision_undo", DECIDING, "post", decision),
]
