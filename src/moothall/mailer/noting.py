"""Noting mails as sent, each by a statement of its own.

A note is on its way to PostgreSQL before the next mail's text is on its way to the mail server, and is waited for after
that: a worker that is killed in between leaves a note that PostgreSQL has.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from moothall.core.clock import now

_NAME = b"note_mail_as_sent"
# Without waiting for the disk, which takes longer than the mail: PostgreSQL has it, whatever becomes of the worker.
# If the machine itself fails, the notes of its last second (wal_writer_delay, three times) are lost with it.
_SENT = b"""
UPDATE mailer_outboundmessage SET state = 'sent', why = '', sent_at = $1, address = $2, claimed_until = NULL
WHERE id = $3 AND state = 'queued' AND set_config('synchronous_commit', 'off', true) = 'off'
"""


class Notes:
    """By libpq's own calls, since psycopg's wait for each answer. Whoever uses the connection otherwise waits first."""

    def __init__(self, server: PGconn) -> None:
        self._server = server
        self._is_out = False

    def sent(self, row_id: int, address: str) -> None:
        self.wait()
        values = (now().isoformat(), address, str(row_id))
        self._server.send_query_prepared(_NAME, [value.encode() for value in values])
        self._is_out = True
        while self._server.flush():
            select.select([], [self._server.socket], [])

    def wait(self) -> None:
        """Raises OperationalError when the last note was not taken."""
        if not self._is_out:
            return
        self._is_out = False
        while (result := self._next_result()) is not None:
            _check(result)

    def _next_result(self) -> PGresult | None:
        while self._server.is_busy():
            self._server.consume_input()
            if self._server.is_busy():
                select.select([self._server.socket], [], [])
        return self._server.get_result()


@contextmanager
def noting() -> Iterator[Notes]:
    """On Django's connection, which is otherwise used in between."""
    connection.ensure_connection()
    server = connection.connection.pgconn
    _check(server.prepare(_NAME, _SENT))
    notes = Notes(server)
    try:
        yield notes
    finally:
        notes.wait()
        _check(server.exec_(b"DEALLOCATE " + _NAME))


def _check(result: PGresult) -> None:
    if result.status != ExecStatus.COMMAND_OK:
        raise OperationalError(result.get_error_message())
