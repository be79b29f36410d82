"""Signs of a text's form, in counts: what stands in it whatever it says."""

from __future__ import annotations

import numpy as np

from moothall_screening import folding
from moothall_screening.features import Floats, Texts

NAMES = (
    "host",
    "email",
    "phone",
    "price",
    "percent",
    "handle",
    "spaced",
    "quote",
    "signature",
    "emoji",
    "question",
    "exclamation",
    "digits",
    "capitals",
    "length",
    "short",
    "hidden",
    "foreign",
)
_CODES = (
    folding.HOST,
    folding.EMAIL,
    folding.PHONE,
    folding.PRICE,
    folding.PERCENT,
    folding.HANDLE,
    folding.SPACED,
    folding.QUOTE,
    folding.SIGNATURE,
    folding.EMOJI,
    ord("?"),
    ord("!"),
)


def signals(texts: Texts) -> Floats:
    """One row a text, one column a name, each between 0 and about 1."""
    size = np.diff(texts.bounds).astype(np.float64)
    columns = [_damped(_count(texts, code)) for code in _CODES]
    columns.append(_count(texts, folding.DIGIT) / (size + 20.0))
    columns.append(texts.capitals)
    columns.append(np.log1p(size) / 8.0)
    columns.append((size < 60).astype(np.float64))
    columns.append(np.minimum(1.0, 10.0 * texts.hidden))
    columns.append(_share_above(texts, 0x250))
    return np.stack(columns, axis=1)


def _count(texts: Texts, code: int) -> Floats:
    places = np.flatnonzero(texts.codes == code)
    edges = np.searchsorted(places, texts.bounds)
    return np.diff(edges).astype(np.float64)


def _damped(count: Floats) -> Floats:
    damped: Floats = np.log1p(count) / 2.0
    return damped


def _share_above(texts: Texts, code: int) -> Floats:
    places = np.flatnonzero((texts.codes > code) & (texts.codes < folding.EMOJI))
    counts = np.diff(np.searchsorted(places, texts.bounds))
    share: Floats = counts / np.maximum(1, np.diff(texts.bounds))
    return share
