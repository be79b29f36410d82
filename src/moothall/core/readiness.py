"""What the database says about whether the site can serve."""

from datetime import datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from procrastinate.contrib.django.models import ProcrastinateWorker

# A worker writes its heartbeat every 10 s and is given up after 30 s without (procrastinate's defaults).
WORKER_SILENT_AFTER_S = 30


def missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def worker_seen_at() -> datetime | None:
    """The latest heartbeat of any worker; None when there is none, as after an orderly stop."""
    found: datetime | None = ProcrastinateWorker.objects.aggregate(seen=Max("last_heartbeat"))["seen"]
    return found
