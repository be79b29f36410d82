from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

from tests.world import build_world


@pytest.mark.django_db
def test_what_a_test_committed_is_gone_and_what_migrating_wrote_is_there() -> None:
    build_world()
    written = {ContentType: ContentType.objects.count(), Permission: Permission.objects.count()}

    call_command("flush", interactive=False, verbosity=0)

    left = {model: model._base_manager.count() for model in apps.get_models() if model._meta.managed}
    assert {model: count for model, count in left.items() if count} == written
