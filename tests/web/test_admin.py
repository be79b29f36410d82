"""The lists of the people who run the site."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from moothall.accounts.exports import begin_export
from moothall.accounts.models import Export, ExportPart, User
from moothall.core.clock import now
from moothall.core.staff_lists import ReadOnlyStaffList
from moothall.discussions.models import Attachment, AttachmentContent, Draft, Revision, Thank, TopicRead
from moothall.groups.models import Invitation, Setting, SettingsChange, UninvitedAddress
from moothall.judging.memory import remember
from moothall.judging.models import Screening
from moothall.members.models import Profile, Service
from moothall.moderation.models import Action, Decision, Flag, ReviewItem
from moothall.notifications.models import Event, EventKind, Notification, Watch
from moothall.rules.models import Concern, Rule, RulesEdition
from tests.world import PASSWORD, World, build_world, new_topic

pytestmark = pytest.mark.django_db

# Shown within another list, or (what somebody has read or watches, a file of theirs) nobody else's concern.
WITHOUT_A_LIST = {Attachment, AttachmentContent, ExportPart, Notification, Rule, Service, TopicRead, Watch}
IMMUTABLE = {Decision, Event, Revision, RulesEdition, Screening, SettingsChange}

OURS = [model for model in apps.get_models() if model.__module__.startswith("moothall.")]
LISTED = [model for model in OURS if model not in WITHOUT_A_LIST]
OF_PACKAGES = [model for model in admin.site._registry if model not in OURS]


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("rita@moothall.example", PASSWORD))
    return client


def fill(world: World) -> None:
    """A row for each list."""
    post = new_topic(world.group, world.mia, "Another")
    Revision.objects.create(post=post, version=1, text="Before", written_at=now())
    Thank.objects.create(post=post, profile=world.mo)
    Draft.objects.create(author=world.mia, group=world.group, text="Not sent yet")
    Screening.objects.create(
        post=post, group=world.group, model_version="1", promotion=0.1, fit=0.9, kind="question", kinds={},
        language="en", evidence=[],
    )  # fmt: skip
    Decision.objects.create(post=post, group=world.group, action=Action.ACCEPT, lane=post.lane, is_machine=True)
    ReviewItem.objects.create(post=post, group=world.group)
    Flag.objects.create(post=post, group=world.group, profile=world.mo, concern=Concern.OFFERS)
    remember(world.group.id, [])
    Event.objects.create(kind=EventKind.POSTED, group=world.group, post=post, actor=world.mia)
    Invitation.objects.create(group=world.group, invited_by=world.olga, secret_hash=str(post.id), expires_at=now())
    SettingsChange.objects.create(
        group=world.group, setting=Setting.NAME, before="Houses", after="Old houses", changed_by=world.olga
    )
    UninvitedAddress.objects.create(address_hash=str(post.id))
    assert world.mia.user is not None
    begin_export(world.mia.user)


def list_of(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def test_every_model_of_the_rooms_has_a_list() -> None:
    assert {model for model in OURS if admin.site.is_registered(model)} == set(LISTED)


def test_rows_that_never_change_are_read_only() -> None:
    for model in IMMUTABLE:
        assert isinstance(admin.site._registry[model], ReadOnlyStaffList), model


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model.__name__)
def test_list_opens_and_searches(staff: Client, model: type[models.Model]) -> None:
    fill(build_world())
    assert staff.get(list_of(model)).status_code == 200
    assert staff.get(list_of(model), {"q": "mia"}).status_code == 200


@pytest.mark.parametrize("model", OF_PACKAGES, ids=lambda model: model.__name__)
def test_list_of_a_package_opens_and_searches(staff: Client, model: type[models.Model]) -> None:
    assert staff.get(list_of(model)).status_code == 200
    assert staff.get(list_of(model), {"q": "mia"}).status_code == 200


def test_what_proves_a_second_factor_is_not_shown_and_its_row_can_be_deleted(staff: Client) -> None:
    user = build_world().mia.user
    assert user is not None
    factor = Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})

    shown = staff.get(reverse("admin:mfa_authenticator_change", args=[factor.id])).content.decode()
    staff.post(reverse("admin:mfa_authenticator_delete", args=[factor.id]), {"post": "yes"})

    assert "TOTP Authenticator" in shown
    assert "JBSWY3DPEHPK3PXP" not in shown
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("model", [Decision, Event, Revision, Screening, Thank], ids=lambda model: model.__name__)
def test_list_takes_no_query_a_row(staff: Client, model: type[models.Model]) -> None:
    world = build_world()
    staff.get(list_of(model))
    counts = []
    for _ in range(2):
        Export.objects.all().delete()
        Draft.objects.all().delete()
        fill(world)
        with CaptureQueriesContext(connection) as queries:
            staff.get(list_of(model))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_decision_can_be_seen_and_not_changed(staff: Client) -> None:
    world = build_world()
    fill(world)
    decision = Decision.objects.get()
    address = reverse("admin:moderation_decision_change", args=[decision.id])
    assert staff.get(address).status_code == 200
    assert staff.post(address, {"reason": "Another"}).status_code == 403
    assert staff.post(reverse("admin:moderation_decision_delete", args=[decision.id])).status_code == 403


def test_draft_is_listed_without_its_words(staff: Client) -> None:
    world = build_world()
    fill(world)
    page = staff.get(list_of(Draft)).content.decode()
    assert "Mia Moss" in page
    assert "Not sent yet" not in page


def test_account_made_by_staff_can_log_in_at_once(staff: Client, client: Client) -> None:
    staff.post(
        reverse("admin:accounts_user_add"),
        {"email": "Nora@Moothall.example", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert EmailAddress.objects.get(email="nora@moothall.example").verified
    newcomer = Client()
    answer = newcomer.post("/account/login/", {"login": "nora@moothall.example", "password": PASSWORD})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("email", ["mia.moss@moothall.example", "Mia@other.example"])
def test_account_with_an_address_of_somebody_is_refused_at_its_field(staff: Client, email: str) -> None:
    EmailAddress.objects.create(user=build_world().mia.user, email="mia@other.example", verified=True)
    form = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    answer = staff.post(reverse("admin:accounts_user_add"), form)
    assert "Somebody has this address already" in answer.content.decode()


def test_account_is_closed_and_not_deleted_by_staff(staff: Client) -> None:
    mia = build_world().mia.user
    assert mia is not None
    address = reverse("admin:accounts_user_change", args=[mia.id])
    page = staff.get(address).content.decode()
    assert "It is deleted by its owner" in page
    assert staff.post(reverse("admin:accounts_user_delete", args=[mia.id]), {"post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": [mia.id], "post": "yes"}
    staff.post(list_of(User), bulk)
    assert User.objects.filter(id=mia.id).exists()
    staff.post(address, {"time_zone": mia.time_zone, "theme": mia.theme})
    mia.refresh_from_db()
    assert not mia.is_active


def test_what_staff_takes_out_of_a_profile_is_off_its_page(staff: Client) -> None:
    mia = build_world().mia
    Profile.objects.filter(id=mia.id).update(about="Call **me**", about_html="<p>Call <strong>me</strong></p>")
    services = {f"services-{count}": "0" for count in ("TOTAL_FORMS", "INITIAL_FORMS")}
    form = {"handle": mia.handle, "name": mia.name, "about": "Of *lime*"}
    assert staff.post(reverse("admin:members_profile_change", args=[mia.id]), form | services).status_code == 302
    mia.refresh_from_db()
    assert mia.about_html == "<p>Of <em>lime</em></p>"


@pytest.mark.parametrize("who", ["olga", "mo", "mia", "nils", "sam"])
def test_admin_is_closed_to_everybody_else(client: Client, who: str) -> None:
    user = build_world().persona(who).user
    assert user is not None
    client.force_login(user)
    assert client.get("/admin/").status_code in (302, 403)
    assert client.get(list_of(Decision)).status_code in (302, 403)
