"""The comparison as tables: ratios, what was wanted of them, and plainly where the peer is better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from served import Cost
from spent import Spent

IMPORT_WANTED = 3.0
PAGES_WANTED = 0.5


@dataclass(frozen=True, slots=True)
class ImportResult:
    archive: str
    messages: int
    ours_imported: int
    ours: Spent
    peers_imported: int
    peers: Spent


@dataclass(frozen=True, slots=True)
class PageResult:
    archive: str
    page: str
    ours_shown: int
    peers_shown: int
    ours: Cost
    peers: Cost
    peers_cached: Cost


FIGURES: tuple[tuple[str, float, Callable[[Cost], float]], ...] = (
    ("requests", 1.0, lambda cost: cost.requests),
    ("queries", PAGES_WANTED, lambda cost: cost.queries),
    ("CPU ms, p50", PAGES_WANTED, lambda cost: cost.cpu_p50_ms),
    ("CPU ms, p95", PAGES_WANTED, lambda cost: cost.cpu_p95_ms),
    ("of it PostgreSQL, p50", PAGES_WANTED, lambda cost: cost.postgres_p50_ms),
    ("ms by the clock, p50", PAGES_WANTED, lambda cost: cost.p50_ms),
    ("ms by the clock, p95", PAGES_WANTED, lambda cost: cost.p95_ms),
    ("kB", 1.0, lambda cost: cost.size_kb),
)


def show(imports: Sequence[ImportResult], pages: Sequence[PageResult]) -> None:
    console = Console(width=150)
    console.print(_imports(imports))
    console.print(_pages(pages))


def _imports(results: Sequence[ImportResult]) -> Table:
    table = Table("archive", "of an import", "Moothall", "HyperKitty", "ratio", "", title="Import, each by its command")
    for one in results:
        ours, peers = one.ours_imported / one.ours.cpu_s, one.peers_imported / one.peers.cpu_s
        verdict = at_least(ours / peers, IMPORT_WANTED)
        table.add_row(
            one.archive, "messages per CPU-second", f"{ours:.0f}", f"{peers:.0f}", f"{ours / peers:.2f}", verdict
        )
        for name, mine, its in (
            ("PostgreSQL's CPU-ms per message", *_per_message(one)),
            ("both CPUs, ms per message", *_both_per_message(one)),
            ("seconds by the clock", one.ours.wall_s, one.peers.wall_s),
            ("peak MB", one.ours.peak_mb, one.peers.peak_mb),
        ):
            table.add_row("", name, f"{mine:.1f}", f"{its:.1f}", f"{mine / its:.2f}", at_most(mine / its, 1.0))
        missing = "worse: fewer" if one.ours_imported < one.peers_imported else ""
        counts = f"{one.ours_imported:,}", f"{one.peers_imported:,}"
        table.add_row("", f"imported of {one.messages:,}", *counts, "", missing, end_section=True)
    return table


def _per_message(one: ImportResult) -> tuple[float, float]:
    ours, peers = one.ours.postgres_cpu_s / one.ours_imported, one.peers.postgres_cpu_s / one.peers_imported
    return ours * 1000, peers * 1000


def _both_per_message(one: ImportResult) -> tuple[float, float]:
    ours, peers = _per_message(one)
    return ours + one.ours.cpu_s / one.ours_imported * 1000, peers + one.peers.cpu_s / one.peers_imported * 1000


def _pages(results: Sequence[PageResult]) -> Table:
    columns = "archive", "page", "of it", "Moothall", "HyperKitty", "ratio", "", "HyperKitty, cached", "ratio", ""
    table = Table(*columns, title="Pages, one core each")
    for one in results:
        shown = str(one.ours_shown), str(one.peers_shown), "", "", str(one.peers_shown)
        table.add_row(one.archive, one.page, "conversations or messages", *shown)
        for name, wanted, figure_of in FIGURES:
            ours, *peers = (figure_of(cost) for cost in (one.ours, one.peers, one.peers_cached))
            cells = [cell for its in peers for cell in (_shown(its), f"{ours / its:.2f}", at_most(ours / its, wanted))]
            table.add_row("", "", name, _shown(ours), *cells, end_section=name == "kB")
    return table


def _shown(figure: float) -> str:
    return f"{figure:.1f}" if isinstance(figure, float) else str(figure)


def at_least(ratio: float, wanted: float) -> str:
    if ratio < 1:
        return "WORSE than the peer"
    return f"wanted {wanted:g}" if ratio < wanted else "as wanted"


def at_most(ratio: float, wanted: float) -> str:
    if ratio > 1:
        return "WORSE than the peer"
    return f"wanted {wanted:g}" if ratio > wanted else "as wanted"
