"""`moothall mail receive --to ADDRESS`: one mail from standard input, for a mail server's pipe."""

from __future__ import annotations

import logging
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from moothall.inbound.receive import LARGEST_MAIL_BYTES, is_known, receive

log = logging.getLogger(__name__)

# sysexits.h, as Postfix's pipe(8) and Exim's pipe transport read them.
EX_OK = 0
EX_DATAERR = 65
EX_NOUSER = 67
EX_TEMPFAIL = 75


class Command(BaseCommand):
    help = (
        "Takes in one mail from standard input. Exit codes: 0 stored, 65 too large, 67 nobody at this address, "
        "75 something went wrong, try again."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", action="append", default=[], help="The recipient; may be given several times")
        parser.add_argument("--from", dest="sender", default="", help="The envelope's sender; empty for reports")

    def handle(self, *, to: list[str], sender: str, **options: object) -> None:
        code = EX_TEMPFAIL
        try:
            code = take_in(sys.stdin.buffer.read(LARGEST_MAIL_BYTES + 1), sender, to)
        except Exception:
            log.exception("A mail was put off")
        sys.exit(code)


def take_in(raw: bytes, sender: str, recipients: list[str]) -> int:
    if not recipients:
        log.error("Say for whom the mail is, with --to ADDRESS")
        return EX_TEMPFAIL
    if len(raw) > LARGEST_MAIL_BYTES:
        return EX_DATAERR
    known = [address for address in recipients if is_known(address)]
    if not known:
        return EX_NOUSER
    receive(raw, sender, known)
    return EX_OK
