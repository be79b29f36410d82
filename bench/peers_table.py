"""The comparison as tables: ratios, what was wanted of them, and plainly where the peer is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    ours_skipped: Mapping[str, int]
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
    console = Console(width=120)
    for imported in imports:
        console.print(_import(imported))
    for page in pages:
        console.print(_page(page))


def _import(one: ImportResult) -> Table:
    skipped = ", ".join(f"{count} {why}" for why, count in one.ours_skipped.items()) or "nothing"
    about = f"{one.messages:,} messages; Moothall skipped {skipped}"
    table = Table("of an import", "Moothall", "HyperKitty", "ratio", title=f"Import of {one.archive}", caption=about)
    ours, peers = one.ours_imported / one.ours.cpu_s, one.peers_imported / one.peers.cpu_s
    figures = f"{ours:.0f}", f"{peers:.0f}", at_least(ours / peers, IMPORT_WANTED)
    table.add_row("messages per CPU-second of the importer", *figures)
    for name, mine, its in (
        ("PostgreSQL's CPU ms per message", *_per_message(one)),
        ("both CPUs, ms per message", *_both_per_message(one)),
        ("seconds by the clock", one.ours.wall_s, one.peers.wall_s),
        ("peak MB, what processes share counted once", one.ours.peak_mb, one.peers.peak_mb),
    ):
        table.add_row(name, f"{mine:.1f}", f"{its:.1f}", at_most(mine / its, 1.0))
    table.add_row("imported", f"{one.ours_imported:,}", f"{one.peers_imported:,}", "")
    return table


def _per_message(one: ImportResult) -> tuple[float, float]:
    ours, peers = one.ours.postgres_cpu_s / one.ours_imported, one.peers.postgres_cpu_s / one.peers_imported
    return ours * 1000, peers * 1000


def _both_per_message(one: ImportResult) -> tuple[float, float]:
    ours, peers = _per_message(one)
    return ours + one.ours.cpu_s / one.ours_imported * 1000, peers + one.peers.cpu_s / one.peers_imported * 1000


def _page(one: PageResult) -> Table:
    title = f"{one.page.capitalize()}, {one.archive}; one core"
    table = Table("of the page", "Moothall", "HyperKitty", "ratio", "HyperKitty, cached", "ratio", title=title)
    table.add_row("shown on it", str(one.ours_shown), str(one.peers_shown), "", str(one.peers_shown), "")
    for name, wanted, figure_of in FIGURES:
        ours, *peers = (figure_of(cost) for cost in (one.ours, one.peers, one.peers_cached))
        table.add_row(
            name, _shown(ours), *(cell for its in peers for cell in (_shown(its), at_most(ours / its, wanted)))
        )
    return table


def _shown(figure: float) -> str:
    return f"{figure:.1f}" if isinstance(figure, float) else str(figure)


def at_least(ratio: float, wanted: float) -> str:
    if ratio < 1:
        return f"{ratio:.2f} WORSE"
    return f"{ratio:.2f}" if ratio >= wanted else f"{ratio:.2f} (wanted {wanted:g})"


def at_most(ratio: float, wanted: float) -> str:
    if ratio > 1:
        return f"{ratio:.2f} WORSE"
    return f"{ratio:.2f}" if ratio <= wanted else f"{ratio:.2f} (wanted {wanted:g})"
