"""The listener for mail (LMTP, RFC 2033) behind Postfix, Exim and alike.

A mail is acknowledged when it is stored, never before. What goes wrong here is answered by 451, so that the mail server
keeps the mail and tries again.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from django.db import close_old_connections

from moothall.inbound.receive import LARGEST_MAIL_BYTES, is_known, receive

Found = TypeVar("Found")
log = logging.getLogger(__name__)

THREADS = 4
MOST_RECIPIENTS = 100  # RFC 5321 section 4.5.3.1.8 asks for as many
IDLE_TIMEOUT_S = 120
GRACE_S = 10
UNKNOWN = "550 5.1.1 There is nobody here at this address"
TOO_MANY = "452 4.5.3 Too many recipients at once; send the rest in another transaction"
STORED = "250 2.0.0 Stored"
SURPRISE = "451 4.3.0 Something went wrong here; try again later"


class Door(LMTP):
    """RFC 2033 section 4.2: the end of data is answered once for each recipient."""

    # Mails with longer lines than RFC 5321's 1000 octets are real, and no reason to lose one.
    line_length_limit = LARGEST_MAIL_BYTES

    def __init__(self, handler: Handler) -> None:
        super().__init__(
            handler,
            data_size_limit=LARGEST_MAIL_BYTES,
            enable_SMTPUTF8=True,
            ident="Moothall",
            timeout=IDLE_TIMEOUT_S,
            loop=asyncio.get_running_loop(),
        )
        self.answers = 1

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        awaited = len(self.envelope.rcpt_tos) if self.envelope else 0
        self.answers = max(awaited, 1)
        try:
            await super().smtp_DATA(arg)
        finally:
            self.answers = 1

    async def push(self, status: str | bytes) -> None:
        line = status.decode("ascii", "replace") if isinstance(status, bytes) else status
        is_final = not line.startswith("354")
        await super().push("\r\n".join([line] * (self.answers if is_final else 1)))


class Handler:
    """What aiosmtpd asks. Database work is done in threads, each with a connection of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mail")

    async def handle_RCPT(  # noqa: N802
        self, server: Door, session: Session, envelope: Envelope, address: str, rcpt_options: Sequence[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY
        if not await self._in_thread(lambda: is_known(address)):
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Door, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = bytes(envelope.original_content or b"")
        sender, recipients = envelope.mail_from or "", list(envelope.rcpt_tos)
        try:
            await self._in_thread(lambda: receive(raw, sender, recipients))
        except Exception as error:
            return await self.handle_exception(error)
        return STORED

    async def handle_exception(self, error: Exception) -> str:
        log.error("A mail was put off", exc_info=error)
        return SURPRISE

    async def _in_thread(self, work: Callable[[], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _with_fresh_connection, work)


def _with_fresh_connection(work: Callable[[], Found]) -> Found:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()


@dataclass(frozen=True, slots=True)
class Place:
    """A Unix socket where there is a path, else a port."""

    host: str = ""
    port: int = 0
    path: str = ""


async def listen(at: Place) -> None:
    """Until SIGTERM or SIGINT; a transaction under way may end first."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    handler = Handler()
    doors: set[Door] = set()

    def door() -> Door:
        made = Door(handler)
        doors.add(made)
        return made

    server = await _server(at, door)
    log.info("Listening for mail (LMTP) at %s", at.path or f"{at.host}:{at.port}")
    await stopping.wait()
    server.close()
    await _let_end(doors)
    if at.path:
        Path(at.path).unlink(missing_ok=True)


async def _server(at: Place, door: Callable[[], Door]) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    if not at.path:
        return await loop.create_server(door, host=at.host, port=at.port)
    with suppress(FileNotFoundError):
        Path(at.path).unlink()
    server = await loop.create_unix_server(door, path=at.path)
    # The mail server runs as a user of its own; the folder says who may come this far.
    Path(at.path).chmod(0o666)
    return server


async def _let_end(doors: set[Door]) -> None:
    until_s = asyncio.get_running_loop().time() + GRACE_S
    while any(_is_busy(door) for door in doors) and asyncio.get_running_loop().time() < until_s:
        await asyncio.sleep(0.05)
    for door in doors:
        if door.transport is not None:
            door.transport.close()


def _is_busy(door: Door) -> bool:
    is_open = door.transport is not None and not door.transport.is_closing()
    return is_open and door.envelope is not None and bool(door.envelope.rcpt_tos)
