"""The comparison as tables: ratios, what was wanted of them, and plainly where the peer is better."""

from __future__ import annotations

from collections.abc import Sequence
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
    ours: Cost
    peers_shown: int
    peers: Cost


def show(imports: Sequence[ImportResult], pages: Sequence[PageResult]) -> None:
    console = Console()
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
    table = Table("archive", "page", "of it", "Moothall", "HyperKitty", "ratio", "", title="Pages, one core each")
    for one in results:
        table.add_row(
            one.archive, one.page, "conversations or messages on it", str(one.ours_shown), str(one.peers_shown)
        )
        for name, mine, its in (
            ("requests", one.ours.requests, one.peers.requests),
            ("queries", one.ours.queries, one.peers.queries),
            ("p50 ms", one.ours.p50_ms, one.peers.p50_ms),
            ("p95 ms", one.ours.p95_ms, one.peers.p95_ms),
            ("Python's CPU-ms, p50", one.ours.cpu_ms, one.peers.cpu_ms),
            ("kB", one.ours.size_kb, one.peers.size_kb),
        ):
            wanted = 1.0 if name in ("requests", "kB") else PAGES_WANTED
            figures = (f"{figure:.1f}" if isinstance(figure, float) else str(figure) for figure in (mine, its))
            table.add_row(
                "", "", name, *figures, f"{mine / its:.2f}", at_most(mine / its, wanted), end_section=name == "kB"
            )
    return table


def at_least(ratio: float, wanted: float) -> str:
    if ratio < 1:
        return "WORSE than the peer"
    return f"wanted {wanted:g}" if ratio < wanted else "as wanted"


def at_most(ratio: float, wanted: float) -> str:
    if ratio > 1:
        return "WORSE than the peer"
    return f"wanted {wanted:g}" if ratio > wanted else "as wanted"
