from __future__ import annotations

import asyncio

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from moothall.inbound.listener import Place, listen


class Command(BaseCommand):
    help = "Takes in mail from a mail server (LMTP) until it is stopped. `moothall up` runs it."

    def handle(self, **options: object) -> None:
        if settings.LMTP is None:
            raise CommandError("Say where to listen with MOOTHALL_LMTP, for example MOOTHALL_LMTP=127.0.0.1:8024")
        asyncio.run(listen(Place(settings.LMTP.host, settings.LMTP.port, settings.LMTP.path)))
