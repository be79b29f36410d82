"""When a mail was sent, in UTC (RFC 5322 section 3.3 and what is written in its place).

A Date that is missing, unreadable or absurd is replaced by that of the last `Received` field or the mbox envelope.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from moothall.core.mail_troubles import DateTrouble

# A day of grace for clocks that run ahead; before 2 January 1970 UTC is a machine without a clock.
_CLOCK_GRACE = timedelta(days=1)
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LONGEST_DATE = 200
_WIDEST_OFFSET_S = 15 * 3600
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?")
_OFFSET_BEFORE_YEAR = re.compile(r"(\d:\d\d) ([+-]\d{4}) (\d{4})$")  # Google Takeout's envelopes
# Month names of clients that translate what must not be translated; English ones need no entry.
_MONTHS = {
    "jän": "Jan", "mär": "Mar", "mrz": "Mar", "mai": "May", "okt": "Oct", "dez": "Dec",
    "janv": "Jan", "fév": "Feb", "févr": "Feb", "mars": "Mar", "avr": "Apr", "avril": "Apr", "juin": "Jun",
    "juil": "Jul", "août": "Aug", "déc": "Dec", "ene": "Jan", "abr": "Apr", "ago": "Aug", "dic": "Dec",
    "gen": "Jan", "mag": "May", "giu": "Jun", "lug": "Jul", "set": "Sep", "ott": "Oct", "fev": "Feb", "out": "Oct",
    "mrt": "Mar", "mei": "May", "maj": "May", "des": "Dec", "sty": "Jan", "lut": "Feb", "kwi": "Apr", "cze": "Jun",
    "lip": "Jul", "sie": "Aug", "wrz": "Sep", "paź": "Oct", "lis": "Nov", "gru": "Dec",
    "янв": "Jan", "фев": "Feb", "мар": "Mar", "апр": "Apr", "мая": "May", "май": "May", "июн": "Jun", "июл": "Jul",
    "авг": "Aug", "сен": "Sep", "окт": "Oct", "ноя": "Nov", "дек": "Dec",
}  # fmt: skip
_WORD = re.compile(r"([^\W\d_]+)\.?")


def sent_at(date: str | None, others: Iterable[str], *, now: datetime) -> tuple[datetime | None, DateTrouble | None]:
    """The date of a mail and what was wrong with its Date field.

    Args:
        date: the Date field, None when there is none.
        others: dates to fall back on, the best first.
        now: aware; later dates (beyond a day's grace) are absurd.
    """
    when = parse_date(date) if date else None
    if when is not None and _is_plausible(when, now):
        return when, None
    trouble = DateTrouble.ABSURD if when else DateTrouble.UNREADABLE if date else DateTrouble.MISSING
    for other in others:
        fallback = parse_date(other)
        if fallback is not None and _is_plausible(fallback, now):
            return fallback, trouble
    return None, trouble


def parse_date(text: str) -> datetime | None:
    """Any date that mail software has been seen to write; without a time zone it is taken as UTC."""
    text = " ".join(text[:_LONGEST_DATE].split())
    iso = _ISO_DATE.search(text)
    try:
        if iso:
            when = datetime.fromisoformat(iso.group())
            return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
        text = _OFFSET_BEFORE_YEAR.sub(r"\1 \3 \2", text)
        return _from_fields(parsedate_tz(text) or parsedate_tz(_WORD.sub(_english_month, text)))
    except (ValueError, OverflowError, TypeError, IndexError, AttributeError):
        return None


def _is_plausible(when: datetime, now: datetime) -> bool:
    return _EARLIEST <= when <= now + _CLOCK_GRACE


def _from_fields(fields: tuple[int | None, ...] | None) -> datetime | None:
    if fields is None:
        return None
    year, month, day, hour, minute, second = (int(value or 0) for value in fields[:6])
    if 100 <= year < 200:  # 2003 written as 103 by programs that were not ready for the year 2000
        year += 1900
    offset_s = fields[9] or 0
    zone = timezone(timedelta(seconds=offset_s)) if abs(offset_s) <= _WIDEST_OFFSET_S else UTC
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)


def _english_month(match: re.Match[str]) -> str:
    word = match.group(1)
    return _MONTHS.get(word.lower(), word)
