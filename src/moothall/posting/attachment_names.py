"""What an attachment is called where people read it: on pages and in mails, where no verdict reads it."""

from __future__ import annotations

import re

from moothall.core.text import clean_line
from moothall.members.names import pitch_in

LONGEST_NAME = 80
_WITHOUT_WORDS = "attachment"
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}\Z")
# "IMG_20260105_101112", "2026-01-05 at 10.11.12": cameras and telephones name by the time, which is no number to call.
_DAY = r"(?:19|20)\d\d([-_. ]?)[01]\d\1[0-3]\d"
_HOUR = r"(?:[-_T ]| at )[0-2]\d([-_.: ]?)[0-5]\d(?:\2[0-5]\d\d{0,3})?"
_WHEN = re.compile(rf"{_DAY}(?:{_HOUR})?(?!\d)")


def shown_name(name: str) -> str:
    """As it came where nothing of a pitch is in it, else the ending alone; never long.

    >>> shown_name("Roofs 01473 555 0123.pdf"), shown_name("North wall.jpg")
    ('attachment.pdf', 'North wall.jpg')
    """
    name = clean_line(name)
    words, ending = _split(name)
    if _carries_pitch(words):
        return f"{_WITHOUT_WORDS}{ending}"
    # "bargains.shop" is the address of a site, and no file of the kind "shop".
    return _WITHOUT_WORDS if _carries_pitch(name) else short_name(name)


def short_name(name: str) -> str:
    """Cut before its ending."""
    if len(name) <= LONGEST_NAME:
        return name
    words, ending = _split(name)
    return f"{words[: LONGEST_NAME - len(ending) - 1].rstrip()}…{ending}"


def _split(name: str) -> tuple[str, str]:
    found = _ENDING.search(name)
    return (name[: found.start()], found.group()) if found else (name, "")


def _carries_pitch(words: str) -> bool:
    return bool(pitch_in(_WHEN.sub(" ", words).replace("_", " ")))
