from __future__ import annotations

import pytest

from moothall.groups.models import Membership
from moothall.groups.refusal import Refusal
from moothall.rules.accept import accept, accepted_edition, has_rules_to_read
from moothall.rules.compare import ChangeKind, changes
from moothall.rules.current import current_edition, current_rules, rule_for
from moothall.rules.models import Concern, Rule, RulesEdition
from moothall.rules.publish import DraftRule, publish
from tests.world import World


def rules(*texts: str) -> list[Rule]:
    return [Rule(number=number, text=text) for number, text in enumerate(texts, start=1)]


def told(before: list[Rule], after: list[Rule]) -> list[tuple[ChangeKind, str]]:
    return [(c.kind, (c.after or c.before).text) for c in changes(before, after) if c.after or c.before]  # type: ignore[union-attr]


def test_added_removed_and_reworded_rules_are_told_apart() -> None:
    before = rules("Keep to the shared interest.", "Don't sell to the group.", "One place for one question.")
    after = rules("Keep to the shared interest, please.", "Say where a house is.", "One place for one question.")
    assert told(before, after) == [
        (ChangeKind.REWORDED, "Keep to the shared interest, please."),
        (ChangeKind.ADDED, "Say where a house is."),
        (ChangeKind.REMOVED, "Don't sell to the group."),
    ]


def test_rule_pushed_down_by_a_new_one_has_not_moved() -> None:
    assert told(rules("First", "Second"), rules("Quite another", "First", "Second")) == [
        (ChangeKind.ADDED, "Quite another")
    ]


def test_swapped_rules_have_moved() -> None:
    kinds = [kind for kind, _ in told(rules("alpha", "omega"), rules("omega", "alpha"))]
    assert kinds == [ChangeKind.MOVED, ChangeKind.MOVED]


def test_same_rules_show_no_change() -> None:
    assert changes(rules("A rule", "A rule"), rules("A rule", "A rule")) == []


def test_published_rules_are_a_new_edition_and_the_old_one_stays(world: World) -> None:
    edition = publish(
        world.group.id, [DraftRule(" Be kind. ", Concern.CONDUCT), DraftRule("  ")], by_id=world.mo.id, seen_edition=1
    )
    assert isinstance(edition, RulesEdition)
    assert [(r.number, r.text) for r in current_rules(world.group)] == [(1, "Be kind.")]
    assert RulesEdition.objects.filter(group=world.group).count() == 2


def test_editor_who_began_from_an_older_edition_is_told(world: World) -> None:
    publish(world.group.id, [DraftRule("Be kind.")], by_id=world.mo.id, seen_edition=1)
    answer = publish(world.group.id, [DraftRule("Be brief.")], by_id=world.olga.id, seen_edition=1)
    assert isinstance(answer, Refusal)
    assert [r.text for r in current_rules(world.group)] == ["Be kind."]


def test_unchanged_rules_make_no_new_edition(world: World) -> None:
    same = [DraftRule(r.text, Concern(r.concern)) for r in current_rules(world.group)]
    publish(world.group.id, same, by_id=world.olga.id, seen_edition=1)
    assert RulesEdition.objects.filter(group=world.group).count() == 1


@pytest.mark.parametrize("who", ["mia", "nils", "sam"])
def test_only_managers_publish(world: World, who: str) -> None:
    answer = publish(world.group.id, [DraftRule("Buy.")], by_id=world.persona(who).id, seen_edition=1)
    assert isinstance(answer, Refusal)


def test_too_long_and_too_many_rules_are_refused(world: World) -> None:
    long = publish(world.group.id, [DraftRule("x" * 401)], by_id=world.mo.id, seen_edition=1)
    many = publish(world.group.id, [DraftRule(f"Rule {n}") for n in range(31)], by_id=world.mo.id, seen_edition=1)
    assert isinstance(long, Refusal)
    assert long.field == "text-1"
    assert isinstance(many, Refusal)


def test_decision_finds_the_rule_that_it_can_quote(world: World) -> None:
    offers = rule_for(world.group, Concern.OFFERS)
    assert offers is not None
    assert offers.number == 2
    assert rule_for(world.group, Concern.JOBS) is None


def test_member_is_asked_again_when_rules_change_and_not_after_accepting(world: World) -> None:
    publish(world.group.id, [DraftRule("Be kind.")], by_id=world.mo.id, seen_edition=1)
    edition = current_edition(world.group)
    assert has_rules_to_read(Membership.objects.get(profile=world.mia), edition)
    accept(world.group.id, world.mia.id, 2)
    accept(world.group.id, world.mia.id, 1)
    assert not has_rules_to_read(Membership.objects.get(profile=world.mia), edition)


def test_only_a_yes_to_the_rules_as_they_stand_is_accepted(world: World) -> None:
    edition = current_edition(world.group)
    assert accepted_edition(edition, says_yes=True, seen_edition=1) == 1
    assert isinstance(accepted_edition(edition, says_yes=False, seen_edition=1), Refusal)
    assert isinstance(accepted_edition(edition, says_yes=True, seen_edition=99), Refusal)
    assert accepted_edition(None, says_yes=False, seen_edition=99) == 0
