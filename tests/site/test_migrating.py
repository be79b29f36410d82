"""The changes of the tables, taken back and made again on a site that has rows."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from moothall.discussions.models import Draft, Kind
from moothall.groups.models import Visibility
from moothall.posting.submission import Submission
from moothall.posting.submit import submit
from moothall.posting.thank import thank
from tests.world import build_world

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("moothall.")}


def test_rows_outlive_all_migrations(client: Client) -> None:
    """A migration that only an empty table bears would stop the next start of every site."""
    world = build_world(Visibility.PUBLIC)
    asked = Submission(
        world.group.id, world.nils.id, "Which lime for a north wall?", kind=Kind.QUESTION, title="Lime, and which"
    )
    submitted = submit(asked)
    thank(world.reply.id, world.mia.id)
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    for first in MigrationExecutor(connection).loader.graph.root_nodes():
        if first[0] in OURS:
            _take_back_to(first)
    before = _rows()

    MigrationExecutor(connection).migrate(latest)

    assert {table: count for table, count in _rows().items() if table in before} == before
    topic = f"/groups/{world.group.slug}/topics/{submitted.topic_id}/"
    for address in ("/", f"/groups/{world.group.slug}/", topic):
        assert client.get(address).status_code == 200, address


def test_texts_of_two_windows_become_one_where_a_place_has_room_for_one() -> None:
    world = build_world()
    begun = [("", "A reply."), ("", "Another reply."), ("Lime", "Which one?"), ("Oak", "Whose?"), ("", "")]
    for title, text in begun:
        topic = None if title else world.topic
        Draft.objects.create(author=world.mia, group=world.group, topic=topic, title=title, text=text, window=uuid4())
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()

    MigrationExecutor(connection).migrate([("discussions", "0007_draft_reply_to")])
    MigrationExecutor(connection).migrate(latest)

    kept = Draft.objects.order_by("title").values_list("title", "text")
    assert list(kept) == [("", "Another reply.\n\nA reply."), ("Oak", "Whose?\n\nLime\n\nWhich one?")]


def _take_back_to(first: tuple[str, str]) -> None:
    executor = MigrationExecutor(connection)
    if first in executor.loader.applied_migrations:  # else another app's going back took it along
        executor.migrate([first])


def _rows() -> dict[str, int]:
    ours = {model._meta.db_table for model in apps.get_models() if model._meta.app_label in OURS}
    with connection.cursor() as cursor:
        counts = {}
        for table in ours & set(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts
