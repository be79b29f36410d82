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
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from archives import archives, plain
from hyperkitty_peer import PYTHON as PEERS_PYTHON
from hyperkitty_peer import WORKERS_MEMORY, HyperKitty
from installation import fresh_site
from peers_table import ImportResult, PageResult, show
from served import Answer, Cost, Server, Site, cost_of, path_of, served
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


@dataclass(frozen=True, slots=True)
class Servers:
    """Of HyperKitty two: with its example's settings, and with a cache in its worker's memory."""

    ours: Server
    peers: Server
    peers_cached: Server


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
    moothall = str(Path(sys.executable).with_name("moothall"))
    command = [moothall, "import", "mbox", str(archive), "--group", slug, "--json"]
    ours = spend(command, sites.environ, sites.postgres, sites.folder / "ours.log")
    report = json.loads(ours.said.splitlines()[-1])
    command = sites.hyperkitty.import_command(archive, _address(archive))
    peers = spend(command, sites.hyperkitty.environ, sites.postgres, sites.folder / "peers.log")
    stored = sites.hyperkitty.stored(_address(archive))
    return ImportResult(archive.name, report["messages"], report["imported"], report["skipped"], ours, stored, peers)


def _pages(sites: Sites, chosen: Sequence[Path]) -> list[PageResult]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    moothall = Site("Moothall", Path(sys.executable), sites.environ)
    hyperkitty = Site("HyperKitty", PEERS_PYTHON, sites.hyperkitty.environ)
    cached = replace(hyperkitty, environ={**hyperkitty.environ, "HYPERKITTY_BENCH_CACHE": WORKERS_MEMORY})
    with (
        served(moothall, sites.postgres, sites.folder / "ours-web.log") as ours,
        served(hyperkitty, sites.postgres, sites.folder / "peers-web.log") as peers,
        served(cached, sites.postgres, sites.folder / "cached-web.log") as peers_cached,
    ):
        three = Servers(ours, peers, peers_cached)
        return [
            result
            for archive in chosen
            for result in (_list_of_threads(archive, three), _one_thread(sites, archive, three))
        ]


def _list_of_threads(archive: Path, three: Servers) -> PageResult:
    here, there = f"/groups/{_slug(archive)}/", f"/hyperkitty/list/{_address(archive)}/latest"
    links = set(re.findall(rf'href="{here}topics/(\d+)/'.encode(), three.ours.get(here).body))
    peers_links = set(re.findall(rb'/thread/(\w+)/"', three.peers.get(there).body))
    costs = _in_turns(three, [here], there)
    return PageResult(archive.name, "list of threads", len(links), len(peers_links), *costs)


def _one_thread(sites: Sites, archive: Path, three: Servers) -> PageResult:
    """The peer's longest conversation, whole: of Moothall all of its pages, of HyperKitty the page without scripts.

    HyperKitty's page with scripts fetches six messages a request, which costs it far more.
    """
    thread = sites.hyperkitty.longest_thread(_address(archive))
    topic_id, posts = _same_topic(_slug(archive), thread.message_ids)
    here = _all_pages(three.ours, f"/groups/{_slug(archive)}/topics/{topic_id}/")
    there = f"/hyperkitty/list/{_address(archive)}/thread/{thread.id}/?noscript"
    costs = _in_turns(three, here, there)
    return PageResult(archive.name, "longest thread", posts, len(thread.message_ids), *costs)


def _in_turns(three: Servers, here: Sequence[str], there: str) -> tuple[Cost, Cost, Cost]:
    rounds: list[tuple[list[Answer], list[Answer], list[Answer]]] = [
        ([three.ours.get(address) for address in here], [three.peers.get(there)], [three.peers_cached.get(there)])
        for _ in range(WARM_UP + ROUNDS)
    ]
    ours, peers, cached = zip(*rounds[WARM_UP:], strict=True)
    return cost_of(ours), cost_of(peers), cost_of(cached)


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
