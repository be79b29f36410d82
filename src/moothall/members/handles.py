"""Handles: a name as an address has it."""

from __future__ import annotations

from django.utils.text import slugify

from moothall.members.models import Profile

# A name of 80 letters may double when written in ASCII, and a number follows it.
HANDLE_LENGTH = 80
NOTHING_LEFT = "member"


def free_handle(name: str) -> str:
    """A handle that nobody has: ASCII only, so that no two handles differ by letters that look alike.

    Two people who sign up in the same moment may be given the same one; the database lets one of them have it.
    """
    wanted = slugify(name)[:HANDLE_LENGTH].strip("-_") or NOTHING_LEFT
    taken = set(Profile.objects.filter(handle__startswith=wanted).values_list("handle", flat=True))
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"
