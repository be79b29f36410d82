from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import override_settings

from moothall.core.clock import now
from moothall.groups.change import CHANGED_MEANWHILE, GroupSettings, as_they_stand, change
from moothall.groups.create import MOST_A_DAY, NewGroup, create
from moothall.groups.leave import leave
from moothall.groups.models import Group, Joining, Membership, Policy, Role, Setting, SettingsChange, Visibility
from moothall.groups.refusal import Refusal
from moothall.groups.transfer import accept_offer, offer
from tests.world import World, build_world, join, person

pytestmark = pytest.mark.django_db


def test_new_group_is_private_and_owned_by_its_founder() -> None:
    olga = person("Olga Oakes")
    group = create(NewGroup("Old House Keepers", "Houses built before 1919"), by_id=olga.id)
    assert isinstance(group, Group)
    assert group.slug == "old-house-keepers"
    assert group.visibility == Visibility.PRIVATE
    assert Membership.objects.get(group=group).role == Role.OWNER


@pytest.mark.parametrize(
    ("name", "purpose", "field"),
    [
        ("", "Houses", "name"),
        ("Houses", "  ", "purpose"),
        ("New", "Houses", "name"),
        ("家の手入れ", "Houses", "name"),
        ("Taken", "Houses", "name"),
        ("TAKEN!", "Houses", "name"),
        ("Cheap Builders 020 7946 0000", "Houses", "name"),
        ("Cheap Builders", "Houses. Ask us on 020 7946 0000", "purpose"),
        ("Cheap Builders", "Houses, see www.cheap.test", "purpose"),
    ],
)
def test_group_without_a_usable_name_or_interest_is_refused(name: str, purpose: str, field: str) -> None:
    olga = person("Olga Oakes")
    create(NewGroup("Taken", "Something"), by_id=olga.id)
    answer = create(NewGroup(name, purpose), by_id=olga.id)
    assert isinstance(answer, Refusal)
    assert answer.field == field
    assert Group.objects.count() == 1


def test_form_that_is_sent_twice_founds_once() -> None:
    olga = person("Olga Oakes")
    first, second = (create(NewGroup("Lime", "Lime mortar"), by_id=olga.id) for _ in range(2))
    assert first == second
    assert Membership.objects.count() == 1
    assert isinstance(create(NewGroup("Lime", "Limes, the fruit"), by_id=olga.id), Refusal)
    assert isinstance(create(NewGroup("Lime", "Lime mortar"), by_id=person("Mo Marsh").id), Refusal)


def test_an_interest_that_carries_a_price_is_refused_in_words() -> None:
    answer = create(NewGroup("Lofts", "Lofts from £99"), by_id=person("Olga Oakes").id)
    assert answer == Refusal(
        "The interest is read by everybody who looks for a group, and goes out with invitations. Leave out a price.",
        "purpose",
    )


def test_only_so_many_groups_are_founded_in_a_day() -> None:
    olga = person("Olga Oakes")
    for number in range(MOST_A_DAY):
        assert isinstance(create(NewGroup(f"Lime {number}", "Lime mortar"), by_id=olga.id), Group)
    answer = create(NewGroup("Lime again", "Lime mortar"), by_id=olga.id)
    assert isinstance(answer, Refusal)
    assert "tomorrow" in answer.message
    assert Group.objects.count() == MOST_A_DAY
    assert isinstance(create(NewGroup("Lime 0", "Lime mortar"), by_id=olga.id), Group)
    assert isinstance(create(NewGroup("Lime again", "Lime mortar"), by_id=person("Mo Marsh").id), Group)
    Group.objects.update(created_at=now() - timedelta(days=1, minutes=1))
    assert isinstance(create(NewGroup("Lime once more", "Lime mortar"), by_id=olga.id), Group)


def test_a_group_that_was_handed_over_or_left_still_counts_as_founded() -> None:
    olga, mo = person("Olga Oakes"), person("Mo Marsh")
    for number in range(MOST_A_DAY):
        group = create(NewGroup(f"Lime {number}", "Lime mortar"), by_id=olga.id)
        assert isinstance(group, Group)
        join(group, mo, Role.MODERATOR)
        assert offer(group.id, mo.id, by_id=olga.id) is None
        assert accept_offer(group.id, by_id=mo.id) is None
    assert leave(Group.objects.earliest("id").id, olga.id) is None
    assert isinstance(create(NewGroup("Lime again", "Lime mortar"), by_id=olga.id), Refusal)
    assert isinstance(create(NewGroup("Lime again", "Lime mortar"), by_id=mo.id), Group)


def test_long_name_makes_a_short_name_that_fits() -> None:
    group = create(NewGroup("a" * 29 + " " + "b" * 30, "Letters"), by_id=person("Olga Oakes").id)
    assert isinstance(group, Group)
    assert group.slug == "a" * 29


@pytest.fixture
def world() -> World:
    return build_world()


def settings(**changes: object) -> GroupSettings:
    values: dict[str, object] = {
        "name": "Old houses",
        "purpose": "Keeping old houses sound",
        "joining": Joining.APPROVAL,
        "join_question": "Which house?",
        "visibility": Visibility.PUBLIC,
        "may_be_indexed": True,
        "policy": Policy.STRICT,
        "promise_hours": 24,
        "search_config": "english",
    }
    return GroupSettings(**(values | changes))  # type: ignore[arg-type]


def test_manager_changes_settings_and_the_address_stays(world: World) -> None:
    assert (
        change(world.group.id, settings(name="Older houses"), by_id=world.mo.id, seen=as_they_stand(world.group))
        is None
    )
    group = Group.objects.get()
    assert (group.name, group.slug, group.policy) == ("Older houses", "old-houses", Policy.STRICT)


def test_what_is_saved_is_told_once_for_each_setting_that_is_another(world: World) -> None:
    now_set = {setting.value: getattr(world.group, setting) for setting in Setting} | {"policy": Policy.STRICT}
    for promise in (24, 24):
        asked = settings(**now_set | {"promise_hours": promise})
        seen = as_they_stand(Group.objects.get())
        assert change(world.group.id, asked, by_id=world.mo.id, seen=seen) is None
    told = SettingsChange.objects.order_by("setting").values_list("setting", "before", "after", "changed_by")
    assert list(told) == [
        ("policy", "balanced", "strict", world.mo.id),
        ("promise_hours", "12", "24", world.mo.id),
    ]


def test_of_two_managers_who_change_settings_at_once_the_second_is_asked_to_look_again(world: World) -> None:
    seen = as_they_stand(world.group)
    as_found = {setting.value: getattr(world.group, setting) for setting in Setting}
    first = settings(**as_found | {"purpose": "Barns"})
    assert change(world.group.id, first, by_id=world.olga.id, seen=seen) is None
    stale = settings(**as_found | {"policy": Policy.STRICT})
    assert change(world.group.id, stale, by_id=world.mo.id, seen=seen) == CHANGED_MEANWHILE
    group = Group.objects.get()
    assert (group.purpose, group.policy) == ("Barns", Policy.BALANCED)
    assert change(world.group.id, stale, by_id=world.mo.id, seen=as_they_stand(group)) is None


def test_every_setting_is_kept_track_of() -> None:
    assert {setting.value for setting in Setting} == {field.name for field in fields(GroupSettings)}


def test_refused_settings_leave_no_trace(world: World) -> None:
    change(world.group.id, settings(promise_hours=99), by_id=world.mo.id, seen=as_they_stand(world.group))
    change(world.group.id, settings(), by_id=world.mia.id, seen=as_they_stand(world.group))
    assert not SettingsChange.objects.exists()


@pytest.mark.parametrize(("setting", "after"), [("policy", "strict"), ("colour", "red")])
def test_row_that_tells_of_no_change_is_refused_by_the_database(world: World, setting: str, after: str) -> None:
    with pytest.raises(IntegrityError):
        SettingsChange.objects.create(group=world.group, setting=setting, before="strict", after=after)


@pytest.mark.parametrize("who", ["mia", "nils", "sam"])
def test_nobody_else_changes_settings(world: World, who: str) -> None:
    answer = change(world.group.id, settings(), by_id=world.persona(who).id, seen=as_they_stand(world.group))
    assert isinstance(answer, Refusal)
    assert Group.objects.get().policy == Policy.BALANCED


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "Lofts from £99"}),
        ("purpose", {"purpose": ""}),
        ("purpose", {"purpose": "Lofts from £99"}),
        ("purpose", {"purpose": "Lofts, ask ann@lofts.example"}),
        ("may_be_indexed", {"visibility": Visibility.LISTED}),
        ("promise_hours", {"promise_hours": 0}),
        ("promise_hours", {"promise_hours": 73}),
        ("search_config", {"search_config": "klingon"}),
    ],
)
def test_setting_that_cannot_be_is_refused_at_its_field(world: World, field: str, changes: dict[str, object]) -> None:
    answer = change(world.group.id, settings(**changes), by_id=world.olga.id, seen=as_they_stand(world.group))
    assert isinstance(answer, Refusal)
    assert answer.field == field


@pytest.mark.parametrize("name", ["Postmaster", "House owner", "Administrator", "Webmaster", "No reply", "Hello"])
@override_settings(DEFAULT_FROM_EMAIL="Moothall <Hello@moot.example>", MAIL_DOMAIN="moot.example")
def test_names_that_mail_addresses_need_are_refused(name: str) -> None:
    refusal = create(NewGroup(name, "Letters"), by_id=person("Olga Oakes").id)
    assert isinstance(refusal, Refusal)
    assert refusal.field == "name"
