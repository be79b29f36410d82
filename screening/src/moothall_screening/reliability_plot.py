"""A reliability plot as one SVG file, without a plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from moothall_screening.measures import Bin

_SIDE = 320
_MARGIN = 48


def svg(bins: Sequence[Bin], *, title: str) -> str:
    """What was said against what came true; a mark's area follows the number of posts behind it."""
    title = escape(title)
    most = max((each.count for each in bins), default=1)
    marks = "".join(_mark(each, most) for each in bins)
    line = " ".join(f"{_x(each.stated):.1f},{_y(each.found):.1f}" for each in bins)
    size = _SIDE + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" font-family="serif" '
        f'font-size="13"><title>{title}</title><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#999" stroke-dasharray="4 4"/>'
        f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}" fill="none" stroke="#333"/>'
        f'<polyline points="{line}" fill="none" stroke="#25507a" stroke-width="2"/>{marks}{_labels(title)}</svg>\n'
    )


def _mark(each: Bin, most: int) -> str:
    radius = 3.0 + 7.0 * (each.count / most) ** 0.5
    told = f"said {each.stated:.2f}, came true {each.found:.2f}, {each.count} posts"
    return (
        f'<circle cx="{_x(each.stated):.1f}" cy="{_y(each.found):.1f}" r="{radius:.1f}" fill="#25507a" '
        f'fill-opacity=".7"><title>{told}</title></circle>'
    )


def _labels(title: str) -> str:
    ticks = "".join(
        f'<text x="{_x(at):.0f}" y="{_y(0) + 18:.0f}" text-anchor="middle">{at:g}</text>'
        f'<text x="{_x(0) - 8:.0f}" y="{_y(at) + 4:.0f}" text-anchor="end">{at:g}</text>'
        for at in (0, 0.5, 1)
    )
    middle = _MARGIN + _SIDE / 2
    return (
        f'{ticks}<text x="{middle}" y="24" text-anchor="middle">{title}</text>'
        f'<text x="{middle}" y="{_y(0) + 38:.0f}" text-anchor="middle">said to be a promotion</text>'
        f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">was a promotion</text>'
    )


def _x(share: float) -> float:
    return _MARGIN + share * _SIDE


def _y(share: float) -> float:
    return _MARGIN + (1.0 - share) * _SIDE
