"""`moothall mail explain FILE`: how a raw mail would be understood, as JSON, without keeping anything."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from moothall.inbound.explaining import as_json
from moothall.inbound.understand import understand


class Command(BaseCommand):
    help = "Says as JSON how a raw mail would be understood, keeping nothing. Exit code 0 for every byte string."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The raw mail; - reads it from standard input")

    def handle(self, *, file: str, **options: object) -> None:
        try:
            raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"{file} can't be read ({error.strerror}).") from None
        found = as_json(understand(raw, None, authentication_host=settings.AUTHENTICATION_HOST))
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=True))
