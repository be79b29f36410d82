"""Ids taken from a table's own sequence before its rows are written, so that rows of one batch can name each other."""

from __future__ import annotations

from django.db import connection, models


def allocate(model: type[models.Model], count: int) -> list[int]:
    """`count` fresh primary keys of this model's table."""
    if count == 0:
        return []
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]
