"""HyperKitty 1.3.12, the archive site of Mailman 3: its own environment, database, import command and server."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from peer_environment import environment, install
from psycopg import sql

HERE = Path(__file__).parent
NAME = "hyperkitty"
PYTHON = environment(NAME) / "bin" / "python"
DATABASE = "hyperkitty"
NO_CACHE, WORKERS_MEMORY = "dummy.DummyCache", "locmem.LocMemCache"

_LONGEST = """
SELECT t.thread_id, array_agg(e.message_id)
FROM hyperkitty_email e
JOIN hyperkitty_thread t ON t.id = e.thread_id
JOIN hyperkitty_mailinglist m ON m.id = t.mailinglist_id
WHERE m.name = %s
GROUP BY t.thread_id ORDER BY count(*) DESC, t.thread_id LIMIT 1
"""
_STORED = "SELECT count(*) FROM hyperkitty_email e JOIN hyperkitty_mailinglist m ON m.id = e.mailinglist_id"


@dataclass(frozen=True, slots=True)
class Thread:
    id: str
    message_ids: tuple[str, ...]


class HyperKitty:
    """On a database of its own in the server whose socket lies in `host`."""

    def __init__(self, data: Path, host: Path, user: str) -> None:
        self.data = data
        self._host, self._user = str(host), user
        self.environ = {
            "PATH": os.defpath,
            "PYTHONPATH": str(HERE),
            "DJANGO_SETTINGS_MODULE": "hyperkitty_settings",
            "HYPERKITTY_BENCH_DATA": str(data),
            "HYPERKITTY_BENCH_DATABASE": DATABASE,
            "HYPERKITTY_BENCH_USER": user,
            "HYPERKITTY_BENCH_HOST": str(host),
            "HYPERKITTY_BENCH_CACHE": NO_CACHE,
        }

    def set_up(self) -> None:
        install(NAME)
        with self._connect("postgres") as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        for command in (["migrate", "-v", "0"], ["collectstatic", "--no-input", "-v", "0"]):
            subprocess.run(self.command(*command), env=self.environ, check=True)

    def command(self, *arguments: str) -> list[str]:
        return [str(PYTHON), "-m", "django", *arguments]

    def import_command(self, archive: Path, address: str) -> list[str]:
        return self.command("hyperkitty_import", "--no-sync-mailman", "-l", address, str(archive))

    def stored(self, address: str) -> int:
        with self._connect(DATABASE) as connection:
            row = connection.execute(f"{_STORED} WHERE m.name = %s", [address]).fetchone()
        return int(row[0]) if row else 0

    def longest_thread(self, address: str) -> Thread:
        with self._connect(DATABASE) as connection:
            connection.execute("ANALYZE")
            row = connection.execute(_LONGEST, [address]).fetchone()
        if row is None:
            raise SystemExit(f"HyperKitty has no thread of {address}.")
        return Thread(row[0], tuple(row[1]))

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=self._host, user=self._user, dbname=database, autocommit=True)
