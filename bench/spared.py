"""`make bench-spared`: how many inboxes an advert reaches, and a genuine post, with the inbox's gate and without.

A list's posts are replayed through the door of the site, in their order, 20 a day, into a group of 200 members who have
mail at once; each author joins on the day of their first post. Each day two adverts of the project's corpus are mixed
in: one by an account that joined that day, one by a member who has standing. No manager does anything meanwhile and
nobody reads on the site, so what is held stays held, and no post earns its way later: this is what the machine alone
does at once. Lists: those that MOOTHALL_BENCH_ARCHIVES names, else genuine posts of the corpus; of that only rows are
used on which the judge was not trained.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from archives import archives, plain
from installation import fresh_site
from rich.console import Console
from rich.table import Table
from streams import corpus_stream, list_stream

RESULTS = Path(__file__).parent / "results"
POSTS = 1000


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="moothall-spared-") as name:
        given = archives(sys.argv[1:], Path(name))
        streams = {path.name: list_stream(plain(path, Path(name)), POSTS) for path in given}
    if list(streams) == ["corpus.mbox"]:
        streams = {"corpus": corpus_stream(POSTS)}
    with fresh_site():
        from spared_replay import replay  # noqa: PLC0415 - only once Django is set up

        rows = [row for name, posts in streams.items() for row in replay(name, posts)]
    columns = ("list", "posts", "how many", "inboxes, all mailed", "in Discussions", "mailed at once", "of all, %", "%")
    table = Table(*columns, title="Inboxes reached: by a mailing list, without the gate, with it")
    for row in rows:
        shares = [f"{100 * reached / max(row.all_mailed, 1):.1f}" for reached in (row.published, row.gate)]
        figures = (row.count, row.all_mailed, row.published, row.gate)
        table.add_row(row.stream, row.whose, *(f"{figure:,}" for figure in figures), *shares)
    Console(width=140).print(table)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "spared.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
