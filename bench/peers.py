"""`make bench-peers`: Moothall beside HyperKitty 1.3.12, the archive site of Mailman 3, on the same archives.

Both in one run, on one machine, in two databases of one PostgreSQL server: each imports each archive by its own
command, then each serves its own pages by gunicorn with one synchronous worker on one core. Ratios count, not seconds:
requests to the two sites take turns, so that whatever else the machine does hits both. Archives: see archives.py.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from archives import archives, plain
from hyperkitty_peer import PYTHON as PEERS_PYTHON
from hyperkitty_peer import HyperKitty
from installation import fresh_site
from peers_table import ImportResult, PageResult, show
from served import Answer, Cost, Server, cost_of, path_of, served
from spent import spend

from moothall.core.embedded_postgres import SUPERUSER, EmbeddedPostgres, socket_folder

ROUNDS, WARM_UP = 60, 6
RESULTS = Path(__file__).parent / "results"
_LATER = re.compile(rb'href="(\?after=\d+)')


@dataclass(frozen=True, slots=True)
class Sites:
    """Both installations, with the process id of the database server that they share."""

    folder: Path
    environ: dict[str, str]
    hyperkitty: HyperKitty
    postgres: int


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="moothall-peers-") as name:
        chosen = [plain(archive, Path(name)) for archive in archives(sys.argv[1:], Path(name))]
        with fresh_site() as data:
            sites = _sites(Path(name), data)
            imports = [_import(sites, archive) for archive in chosen]
            pages = _pages(sites, chosen)
    show(imports, pages)
    RESULTS.mkdir(exist_ok=True)
    rows = {"imports": [asdict(row) for row in imports], "pages": [asdict(row) for row in pages]}
    (RESULTS / "peers.json").write_text(json.dumps(rows, indent=1))
    return 0


def _sites(folder: Path, data: Path) -> Sites:
    postgres = EmbeddedPostgres(data).pid()
    if postgres is None:
        raise SystemExit("The embedded PostgreSQL does not run.")
    hyperkitty = HyperKitty(folder, socket_folder(data), SUPERUSER)
    hyperkitty.set_up()
    return Sites(folder, dict(os.environ), hyperkitty, postgres)


def _import(sites: Sites, archive: Path) -> ImportResult:
    from moothall.groups.models import Group, Visibility  # noqa: PLC0415 - only once Django is set up

    slug = _slug(archive)
    Group.objects.create(slug=slug, name=slug, purpose="What the list is about.", visibility=Visibility.PUBLIC)
    moothall = [sys.executable, "-m", "moothall.cli.main", "import", "mbox", str(archive), "--group", slug, "--json"]
    ours = spend(moothall, sites.environ, sites.postgres, sites.folder / "ours.log")
    report = json.loads(ours.said.splitlines()[-1])
    command = sites.hyperkitty.import_command(archive, _address(archive))
    peers = spend(command, sites.hyperkitty.environ, sites.postgres, sites.folder / "peers.log")
    stored = sites.hyperkitty.stored(_address(archive))
    return ImportResult(archive.name, report["messages"], report["imported"], ours, stored, peers)


def _pages(sites: Sites, chosen: Sequence[Path]) -> list[PageResult]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with (
        served("Moothall", Path(sys.executable), sites.environ, sites.folder / "ours-web.log") as ours,
        served("HyperKitty", PEERS_PYTHON, sites.hyperkitty.environ, sites.folder / "peers-web.log") as peers,
    ):
        return [
            result
            for archive in chosen
            for result in (_list_of_threads(archive, ours, peers), _one_thread(sites, archive, ours, peers))
        ]


def _list_of_threads(archive: Path, ours: Server, peers: Server) -> PageResult:
    here, there = f"/groups/{_slug(archive)}/", f"/hyperkitty/list/{_address(archive)}/latest"
    our_cost, peers_cost = _in_turns(lambda: [ours.get(here)], lambda: [peers.get(there)])
    links = set(re.findall(rf'href="{here}topics/(\d+)/'.encode(), ours.get(here).body))
    peers_links = set(re.findall(rb'/thread/(\w+)/"', peers.get(there).body))
    return PageResult(archive.name, "list of threads", len(links), our_cost, len(peers_links), peers_cost)


def _one_thread(sites: Sites, archive: Path, ours: Server, peers: Server) -> PageResult:
    """The peer's longest conversation, whole: of Moothall all of its pages, of HyperKitty the page without scripts.

    HyperKitty's page with scripts fetches six messages a request, which costs it far more.
    """
    thread = sites.hyperkitty.longest_thread(_address(archive))
    topic_id, posts = _same_topic(_slug(archive), thread.message_ids)
    here = _all_pages(ours, f"/groups/{_slug(archive)}/topics/{topic_id}/")
    there = f"/hyperkitty/list/{_address(archive)}/thread/{thread.id}/?noscript"
    our_cost, peers_cost = _in_turns(lambda: [ours.get(address) for address in here], lambda: [peers.get(there)])
    return PageResult(archive.name, "longest thread", posts, our_cost, len(thread.message_ids), peers_cost)


def _in_turns(ours: Callable[[], list[Answer]], peers: Callable[[], list[Answer]]) -> tuple[Cost, Cost]:
    rounds = [(ours(), peers()) for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
    return cost_of([ours for ours, _ in rounds]), cost_of([peers for _, peers in rounds])


def _same_topic(slug: str, message_ids: Sequence[str]) -> tuple[int, int]:
    """Where most of these messages stand, and how many posts stand there."""
    from moothall.discussions.models import Post  # noqa: PLC0415

    here = Post.objects.filter(group__slug=slug)
    topics = Counter(here.filter(message_id__in=message_ids).values_list("topic_id", flat=True))
    topic_id = topics.most_common(1)[0][0]
    return topic_id, here.filter(topic=topic_id).count()


def _all_pages(server: Server, address: str) -> list[str]:
    addresses = [address]
    while later := _LATER.search(server.get(addresses[-1]).body):
        addresses.append(path_of(address + later[1].decode()))
    return addresses


def _slug(archive: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", archive.name.removesuffix(".mbox").lower()).strip("-") or "archive"


def _address(archive: Path) -> str:
    return f"{_slug(archive)}@lists.example"


if __name__ == "__main__":
    raise SystemExit(main())
