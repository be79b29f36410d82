"""The screening report of an import as a picture: posts by month, the adverts among them filled."""

from __future__ import annotations

from xml.sax.saxutils import escape

from moothall.posting.import_report import ImportReport

WIDTH, HEIGHT, LEFT, FOOT = 960, 280, 44, 36
TALK, ADVERT, INK, LINE = "#46679b", "#b1503f", "#211f1c", "#d8d3c6"


def picture(report: ImportReport) -> str:
    """A stand-alone SVG; its title says in words what it shows."""
    months = sorted(report.months.items())
    most = max((month.posts for _, month in months), default=1)
    step = (WIDTH - LEFT - 8) / max(len(months), 1)
    title = (
        f"{report.imported} posts of {report.group} by month; {report.adverts} of them read as adverts. "
        f"At most {most} posts a month."
    )
    bars = [_bar(LEFT + n * step, step * 0.8, month.posts, month.adverts, most) for n, (_, month) in enumerate(months)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif"'
        f' font-size="12" fill="{INK}"><title>{escape(title)}</title>'
        f'<text x="{LEFT}" y="16">{escape(title)}</text>{_scale(most)}{"".join(bars)}'
        f"{_months([name for name, _ in months], step)}</svg>\n"
    )


def _y(posts: int, most: int) -> float:
    return HEIGHT - FOOT - (HEIGHT - FOOT - 34) * posts / most


def _bar(x: float, width: float, posts: int, adverts: int, most: int) -> str:
    base = HEIGHT - FOOT
    top, filled = _y(posts, most), _y(adverts, most)
    return (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{base - top:.1f}" fill="{TALK}"/>'
        f'<rect x="{x:.1f}" y="{filled:.1f}" width="{width:.1f}" height="{base - filled:.1f}" fill="{ADVERT}"/>'
    )


def _scale(most: int) -> str:
    return "".join(
        f'<path d="M{LEFT} {_y(n, most):.1f}H{WIDTH - 8}" stroke="{LINE}"/>'
        f'<text x="{LEFT - 6}" y="{_y(n, most) + 4:.1f}" text-anchor="end">{n}</text>'
        for n in sorted({0, most // 2, most})
    )


def _months(names: list[str], step: float) -> str:
    every = max(1, len(names) // 12)
    return "".join(
        f'<text x="{LEFT + n * step:.1f}" y="{HEIGHT - 14}">{name}</text>'
        for n, name in enumerate(names)
        if n % every == 0
    )
