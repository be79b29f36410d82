from __future__ import annotations

import re

from django.urls import reverse

from moothall.groups.refusal import Refusal
from moothall.members.models import Profile
from moothall.moderation.flagging import flag
from moothall.moderation.models import Flag
from moothall.rules.models import Concern, Rule
from moothall.rules.publish import DraftRule, publish
from tests.browsers import as_
from tests.world import World, join, person


def conversation(world: World, profile: Profile) -> str:
    return as_(profile).get(reverse("topic", args=[world.group.slug, world.topic.id])).content.decode()


def flagged(world: World, profile: Profile, reason: str) -> str:
    address = reverse("post_flag", args=[world.group.slug, world.first.id])
    return as_(profile).post(address, {"reason": reason}, follow=True).content.decode()


def test_members_flag_a_post_of_somebody_else_and_take_it_back(world: World) -> None:
    assert "The managers have it" in flagged(world, world.nils, "advert")
    page = conversation(world, world.nils)
    assert "You flagged this." in page
    as_(world.nils).post(reverse("post_unflag", args=[world.group.slug, world.first.id]))
    assert not Flag.objects.exists()


def test_others_may_join_and_nobody_is_named(world: World) -> None:
    ruth = person("Ruth Thackwray")
    join(world.group, ruth)
    flag(world.first.id, ruth.id, None)
    page = conversation(world, world.nils)
    assert "A member says: this reads as an advert" in page
    assert "I agree" in page
    assert "Ruth" not in page


def new_rules(world: World, *texts: str) -> None:
    drafts = [DraftRule(text, Concern.CONDUCT) for text in texts]
    assert not isinstance(publish(world.group.id, drafts, by_id=world.olga.id, seen_edition=1), Refusal)


def test_who_agrees_flags_by_the_rule_that_is_shown_whatever_its_number_is_now(world: World) -> None:
    flag(world.first.id, world.mo.id, 1)
    new_rules(world, "Name your source.", "Keep to the shared interest.")
    (said,) = re.findall(
        r'name="reason" value="(\w+)">[^<]*<svg[^>]*>.*?</svg> I agree', conversation(world, world.nils)
    )
    flagged(world, world.nils, said)
    rule = Flag.objects.get(profile=world.nils).rule
    assert rule is not None
    assert rule.text == "Keep to the shared interest."


def test_where_the_rule_stands_no_more_another_may_be_chosen(world: World) -> None:
    flag(world.first.id, world.mo.id, 1)
    old = Rule.objects.get(number=1)
    new_rules(world, "Name your source.")
    page = conversation(world, world.nils)
    assert "I agree" not in page
    assert "Rule 1: Name your source." in page
    assert "The rules have changed since." in flagged(world, world.nils, str(old.id))
    assert not Flag.objects.filter(profile=world.nils).exists()


def test_the_author_sees_nothing_of_it(world: World) -> None:
    flag(world.first.id, world.mo.id, None)
    page = conversation(world, world.mia)
    assert "reads as an advert</b>" not in page
    assert "member says" not in page


def test_managers_see_who_flagged_unless_they_wrote_it(world: World) -> None:
    flag(world.first.id, world.nils.id, 1)
    flag(world.reply.id, world.mia.id, None)
    address = reverse("group_review", args=[world.group.slug])
    about_mias = as_(world.mo).get(address, {"post": world.first.id}).content.decode()
    assert "Nils Nook" in about_mias
    assert "Rule 1: Keep to the shared interest." in about_mias
    about_mos = as_(world.mo).get(address, {"post": world.reply.id}).content.decode()
    assert "Who flagged it" not in about_mos
    assert "Who flagged it" in as_(world.olga).get(address, {"post": world.reply.id}).content.decode()


def test_a_forged_reason_is_refused_in_words(world: World) -> None:
    for reason in ("", "99", "-1", "rule", "9" * 40):
        assert "rule" in flagged(world, world.nils, reason).lower()
    assert not Flag.objects.exists()
