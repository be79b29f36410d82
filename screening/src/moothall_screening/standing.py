"""What an author's record says before a word is read."""

from __future__ import annotations

from math import log

from moothall_screening.verdict import AuthorRecord, Evidence

_PRIOR_POSTS = 6.0  # how many posts of its own a record must hold to count as much as everybody's
_USUAL_SHARE = 0.3  # of promotions among the posts the judge was calibrated on
_THANKS_A_POST = 0.5
_YEAR_DAYS = 365.0
_LIMIT = 2.0


def standing_evidence(record: AuthorRecord) -> Evidence:
    """The posterior odds of a beta-binomial estimate, less the usual odds; bounded, since accounts get stolen."""
    good = record.accepted_posts + _THANKS_A_POST * record.thanked + min(1.0, record.member_days / _YEAR_DAYS)
    estimated = (record.rejected_posts + _PRIOR_POSTS * _USUAL_SHARE) / (good + _PRIOR_POSTS * (1.0 - _USUAL_SHARE))
    moved = log(estimated) - log(_USUAL_SHARE / (1.0 - _USUAL_SHARE))
    return Evidence("author", max(-_LIMIT, min(_LIMIT, moved)), _told(record))


def _told(record: AuthorRecord) -> str:
    if record.accepted_posts == record.rejected_posts == record.thanked == 0:
        return "nothing is known of the author yet"
    told = f"the author has {_many(record.accepted_posts, 'post')} that stood"
    if record.rejected_posts:
        told += f" and {record.rejected_posts} that did not"
    return told + (f", and was thanked {_times(record.thanked)}" if record.thanked else "")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
