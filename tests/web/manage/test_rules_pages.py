from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from moothall.groups.models import Group, Visibility
from moothall.rules.current import current_rules
from moothall.rules.models import RulesEdition
from moothall.rules.publish import DraftRule, publish
from moothall.web.manage.rules import EDITIONS_SHOWN
from tests.browsers import as_
from tests.web.manage.test_joining_pages import address
from tests.world import World

pytestmark = pytest.mark.django_db


def form(*texts: str, do: str = "save", seen: str = "1") -> dict[str, object]:
    return {"text": list(texts), "concern": ["other"] * len(texts), "seen_edition": seen, "do": do}


@pytest.mark.parametrize(
    ("do", "after"),
    [
        ("up-2", ["second", "first", "third"]),
        ("down-2", ["first", "third", "second"]),
        ("remove-2", ["first", "third"]),
        ("add", ["first", "second", "third", ""]),
        ("up-1", ["first", "second", "third"]),
        ("down-3", ["first", "second", "third"]),
        ("remove-99", ["first", "second", "third"]),
        ("up-٣", ["first", "second", "third"]),
        ("nonsense", ["first", "second", "third"]),
    ],
)
def test_buttons_rearrange_the_form_and_save_nothing(world: World, do: str, after: list[str]) -> None:
    answer = as_(world.mo).post(address("group_rules_edit", world), form("first", "second", "third", do=do))
    assert [draft.text for draft in answer.context["drafts"]] == after
    assert RulesEdition.objects.count() == 1


def test_saved_rules_are_numbered_anew_and_the_history_tells_what_changed(world: World) -> None:
    client = as_(world.mo)
    client.post(address("group_rules_edit", world), form("Don't sell to the group, please.", "", "Be kind."))
    assert [(r.number, r.text) for r in current_rules(world.group)] == [
        (1, "Don't sell to the group, please."),
        (2, "Be kind."),
    ]
    page = as_(world.mia).get(address("group_rules", world)).content.decode()
    assert "<del" in page
    assert "Keep to the shared interest." in page
    assert "Mo Marsh" in page


def test_clash_keeps_what_was_typed_and_shows_what_stands(world: World) -> None:
    publish(world.group.id, [DraftRule("Be kind.")], by_id=world.olga.id, seen_edition=1)
    client = as_(world.mo)
    answer = client.post(address("group_rules_edit", world), form("Be brief."))
    page = answer.content.decode()
    assert "Be brief." in page
    assert "Be kind." in page
    client.post(address("group_rules_edit", world), form("Be brief.", seen=str(answer.context["seen_edition"])))
    assert [r.text for r in current_rules(world.group)] == ["Be brief."]


def test_too_long_rule_is_named_at_its_own_field(world: World) -> None:
    page = as_(world.mo).post(address("group_rules_edit", world), form("", "x" * 401)).content.decode()
    assert '<textarea id="text-2" name="text" rows="1" aria-invalid="true"' in page
    assert "x" * 401 in page


def test_every_change_of_the_rules_can_be_looked_up(world: World) -> None:
    for n in range(1, 2 * EDITIONS_SHOWN + 2):
        publish(world.group.id, [DraftRule(f"Wording {n}.")], by_id=world.mo.id, seen_edition=n)
    client, told = as_(world.mia), list[int]()
    query: str | None = f"?before={10**17}"
    while query is not None:
        answer = client.get(address("group_rules", world) + query)
        assert [rule.text for rule in answer.context["current"].rules.all()] == [f"Wording {n}."]
        told += [each.edition.number for each in answer.context["history"]]
        link = re.search(r'rel="next" href="(\?before=\d+)"', answer.content.decode())
        query = link[1] if link else None
    assert told == list(range(n + 1, 1, -1))
    assert "First written down" in answer.content.decode()


def test_rules_that_are_sent_twice_are_saved_once(world: World) -> None:
    client = as_(world.mo)
    for _ in range(2):
        assert client.post(address("group_rules_edit", world), form("Be brief.")).status_code == 302
    assert RulesEdition.objects.count() == 2


def test_too_long_rule_hides_no_clash(world: World) -> None:
    publish(world.group.id, [DraftRule("Be kind.")], by_id=world.olga.id, seen_edition=1)
    client = as_(world.mo)
    answer = client.post(address("group_rules_edit", world), form("x" * 401))
    assert answer.context["seen_edition"] == 1
    client.post(address("group_rules_edit", world), form("Be brief.", seen=str(answer.context["seen_edition"])))
    assert [r.text for r in current_rules(world.group)] == ["Be kind."]


def test_hostile_rules_are_text(world: World) -> None:
    client = as_(world.mo)
    client.post(address("group_rules_edit", world), form("<script>alert(1)</script>\x00\u202e"))
    page = client.get(address("group_rules", world)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_rules_of_a_public_group_are_for_everybody(world: World) -> None:
    Group.objects.update(visibility=Visibility.LISTED)
    assert Client().get(reverse("group_rules", kwargs={"slug": world.group.slug})).status_code == 200
