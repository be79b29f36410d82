"""The archive of an export as its parts in the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from django.db import transaction

from moothall.accounts.models import Export, ExportPart, ExportState, User
from moothall.core.clock import now

PART_BYTES = 1 << 20


@transaction.atomic
def begin_export(user: User) -> Export:
    """Takes the place of an earlier one."""
    Export.objects.filter(user=user).delete()
    return Export.objects.create(user=user, expires_at=now() + Export.LIFETIME)


@transaction.atomic
def keep(export_id: int, archive: IO[bytes]) -> None:
    number = size_bytes = 0
    while content := archive.read(PART_BYTES):
        ExportPart.objects.create(export_id=export_id, number=number, content=content)
        number, size_bytes = number + 1, size_bytes + len(content)
    Export.objects.filter(id=export_id).update(
        state=ExportState.READY, size_bytes=size_bytes, expires_at=now() + Export.LIFETIME
    )


def contents(export: Export) -> Iterator[bytes]:
    """Part by part, so that no process holds the whole."""
    for number in export.parts.values_list("number", flat=True):
        yield bytes(ExportPart.objects.get(export=export, number=number).content)


def remove_expired() -> int:
    expired = Export.objects.filter(expires_at__lte=now())
    count = expired.count()
    expired.delete()
    return count
