"""A throw-away installation for a measurement: its own data folder and PostgreSQL, gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command

from moothall.core import embedded_postgres


@contextmanager
def fresh_site(settings: Mapping[str, str] | None = None) -> Iterator[Path]:
    """Django is set up on an empty, migrated database for as long as the block runs; yields the data folder."""
    with tempfile.TemporaryDirectory(prefix="moothall-bench-") as name:
        for setting in [s for s in os.environ if s.startswith(("MOOTHALL_", "DATABASE_URL"))]:
            del os.environ[setting]
        os.environ |= {"MOOTHALL_DATA": name, **(settings or {})}
        os.environ["DJANGO_SETTINGS_MODULE"] = "moothall.site.settings"
        with embedded_postgres.in_use(Path(name)):
            django.setup()
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            yield Path(name)
