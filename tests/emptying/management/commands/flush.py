"""Takes the place of Django's command after each test that commits: deletes the rows, which are few.

Django's own truncates, for which PostgreSQL makes several new files a table, and then writes anew what is kept here.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db import connections, transaction

# What migrating itself wrote.
KEPT = {"auth_permission", "django_content_type"}


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        tables = sorted({*connection.introspection.django_table_names(include_views=False)} - KEPT)
        deleting = [f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables]
        with transaction.atomic(using=options["database"]), connection.cursor() as cursor:
            # The tables are emptied in any order, so no key is followed on the way.
            cursor.execute("; ".join(["SET LOCAL session_replication_role = replica", *deleting]))
