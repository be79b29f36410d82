"""What the database says about whether the site can serve."""

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from procrastinate.contrib.django.models import ProcrastinateWorker

# A worker writes its heartbeat every 10 s and is given up after 30 s without (procrastinate's defaults).
WORKER_SILENT_AFTER_S = 30


@dataclass(frozen=True, slots=True)
class Migrations:
    """What the database lacks that this code has, and what a newer version did to it, by name."""

    missing: int
    unknown: tuple[str, ...]


def migrations() -> Migrations:
    executor = MigrationExecutor(connection)
    loader = executor.loader
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("moothall.")}
    # Not those of packages, which fold old ones together: their names stay behind in the database.
    unknown = sorted(key for key in loader.applied_migrations.keys() - loader.disk_migrations.keys() if key[0] in ours)
    missing = len(executor.migration_plan(loader.graph.leaf_nodes()))
    return Migrations(missing, tuple(".".join(key) for key in unknown))


def worker_seen_at() -> datetime | None:
    """The latest heartbeat of any worker; None when there is none, as after an orderly stop."""
    found: datetime | None = ProcrastinateWorker.objects.aggregate(seen=Max("last_heartbeat"))["seen"]
    return found
