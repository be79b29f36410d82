"""What PostgreSQL knows of how much stands in which table, by which it chooses how to look rows up."""

from __future__ import annotations

from django.db import connection
from django.db.models import Model


def take_stock(*models: type[Model]) -> None:
    """Has PostgreSQL count anew what stands in these tables, after many rows were written at once.

    It does so by itself within minutes; until then it may look through whole tables once for each row of another. It
    reads a sample, so that a large table takes no longer than a middling one (ANALYZE, PostgreSQL's manual, "Populating
    a Database").
    """
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")
