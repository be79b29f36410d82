"""The comparison as a table: one column a filter, and what was wanted of Moothall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from screening_figures import DEV, Column, Figure

WANTED: Mapping[str, float] = {
    f"{DEV}, AUC": 0.993,
    f"{DEV}, recall at 1%": 0.93,
    f"{DEV}, masked, AUC": 0.985,
    f"{DEV}, not English, AUC": 0.99,
    f"{DEV}, contrast pairs in order": 0.97,
    f"{DEV}, calibration error": 0.02,
    "datacamp_comments, AUC": 0.98,
    "datacamp_comments, recall at 1%": 0.80,
    "mailing_list_promo, AUC": 0.985,
    "mailing_list_promo, recall at 1%": 0.85,
    "jigsaw_advertising, AUC": 0.82,
    "jigsaw_advertising, recall at 1%": 0.20,
    "janitr_x_posts, AUC": 0.92,
    "janitr_x_posts, recall at 1%": 0.40,
}


def show(columns: Sequence[Column]) -> None:
    console = Console(width=36 + 18 * (len(columns) + 2))
    console.print(table(columns))
    for column in columns:
        if column.failed:
            console.print(f"{column.name}: {column.failed}")


def table(columns: Sequence[Column]) -> Table:
    measured = [column for column in columns if column.figures]
    names = list(dict.fromkeys(name for column in measured for name in column.figures))
    filters = [column.name for column in measured]
    drawn = Table("of it", "posts", *filters, "wanted", title="Filters, taught the same rows")
    for name in names:
        figures = [column.figures.get(name) for column in measured]
        posts = next(figure.posts for figure in figures if figure)
        wanted = f"{WANTED[name]:.3f}" if name in WANTED else ""
        drawn.add_row(name, f"{posts:,}", *(shown(figure) for figure in figures), wanted)
    return drawn


def shown(figure: Figure | None) -> str:
    """A dash where the filter can't tell it, or has learnt from that set."""
    if figure is None:
        return "–"
    if figure.value > 1.0:
        return f"{figure.value:,.0f}"
    bounds = f"\n[{figure.low:.3f}, {figure.high:.3f}]" if figure.low is not None else ""
    return f"{figure.value:.3f}{bounds}".replace("[", "\\[")
