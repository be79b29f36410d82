"""Reads the openly licensed sets of real posts that training may use beside the corpus.

Only these two sources are read, both dedicated to the public domain (PDDL 1.0):
`reddit_relevance_pairs` and `reddit_communities` (umbrae/reddit-top-2.5-million) and `spamassassin_lists`
(Apache SpamAssassin public corpus). Sets on which transfer is measured are never read here.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from moothall_screening.training.readings import NONE, ReaderNote, Readings
from moothall_screening.verdict import Kind

# Longer mails of 2002 are newsletters and attachments.
LONGEST_CHARACTERS = 6_000
# The mails name their list only; what each is for is written here.
LIST_PURPOSES = {
    "fork.xent.com": "Friends of Rohit Khare: news, technology and politics among old friends.",
    "ilug.linux.ie": "Irish Linux Users' Group: help with Linux, its hardware and its software.",
    "social.linux.ie": "Meetings and chat of Linux users in Ireland.",
    "webdev.linux.ie": "Web development with free software.",
    "rpm-zzzlist.freshrpms.net": "Packages for Red Hat Linux: building, installing and updating RPMs with apt.",
    "razor-users.example.sourceforge.net": "Users of Razor, a collaborative spam filter.",
    "spamassassin-talk.example.sourceforge.net": "Set-up and use of the mail filter SpamAssassin.",
    "spamassassin-devel.example.sourceforge.net": "Development of the mail filter SpamAssassin.",
    "exmh-users.spamassassin.taint.org": "Users of exmh, a mail reader on MH.",
    "exmh-workers.spamassassin.taint.org": "Development of exmh, a mail reader on MH: patches and bugs.",
    "zzzzteana@yahoogroups.com": "Strange phenomena, odd news and Forteana.",
    "secprog.list-id.securityfocus.com": "Secure programming.",
    "0xdeadbeef@petting-zoo.net": "Security, cryptography and free software in the news.",
    "spambayes.python.org": "Statistical filtering of spam in Python.",
}


class OpenSetsMissing(FileNotFoundError):
    """The folder lacks one of the sets; give a folder with <set>/train.jsonl.gz in it."""


@dataclass(frozen=True, slots=True)
class RealPost:
    """One real post.

    `purposes` are (purpose, fits) pairs; empty where no group is known. `kind` is None where no reader was sure of
    it; `pitch` are the (start, end) of the stretches of the text that carry an offer, where a reader marked them.
    """

    subject: str
    text: str
    is_promotion: bool
    purposes: tuple[tuple[str, bool], ...] = ()
    is_mail: bool = False
    kind: Kind | None = None
    pitch: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OpenSets:
    """What training takes from the open sets; `known` are the posts of communities and mails whose kind is known."""

    communities: tuple[RealPost, ...]
    list_ham: tuple[RealPost, ...]
    list_spam: tuple[RealPost, ...]
    known: tuple[RealPost, ...] = ()


def read_open_sets(folder: Path, readings: Readings = NONE) -> OpenSets:
    """Read the train parts below `folder`.

    A post that a reader found to be an offer is one of `known` alone, and left out where the reader was in doubt.

    Raises
    ------
    OpenSetsMissing
        naming the file that is not there.
    """
    posts = read_pairs(folder)
    paired = {post.text for post in posts.values()}
    posts |= {name: post for name, post in read_communities(folder) if post.text not in paired}
    mails = {
        row["id"]: RealPost(row["subject"] or "", row["text"], row["label"] == "spam", purposes_of_list(row), True)
        for row in rows_of(folder, "spamassassin_lists")
        if len(row["text"]) <= LONGEST_CHARACTERS
    }
    communities = as_read(posts, readings)
    spam = tuple(mail for mail in mails.values() if mail.is_promotion)
    ham = as_read({name: mail for name, mail in mails.items() if not mail.is_promotion}, readings)
    return OpenSets(
        tuple(post for post in communities if not post.is_promotion),
        tuple(mail for mail in ham if not mail.is_promotion),
        spam,
        tuple(post for post in communities + ham if post.kind),
    )


def as_read(posts: Mapping[str, RealPost], readings: Readings) -> list[RealPost]:
    """The posts by id with what their readers found; without those of which nothing can be learnt."""
    found = []
    for name, post in posts.items():
        note = readings.get(name)
        if note is None:
            found.append(post)
        elif not note.is_disputed_offer:
            found.append(with_note(post, note))
    return found


def with_note(post: RealPost, note: ReaderNote) -> RealPost:
    kind = note.kind if note.is_sure else None
    return replace(post, is_promotion=kind is Kind.PROMOTION, kind=kind, pitch=note.pitch)


def purposes_of_list(row: dict[str, str]) -> tuple[tuple[str, bool], ...]:
    purpose = LIST_PURPOSES.get(row["group"] or "")
    return ((purpose, row["label"] == "ham"),) if purpose else ()


def read_pairs(folder: Path) -> dict[str, RealPost]:
    """Posts by id, with three purposes each: of their own community, of a random one and of a similar one."""
    first: dict[str, dict[str, str]] = {}
    purposes: dict[str, list[tuple[str, bool]]] = {}
    for row in rows_of(folder, "reddit_relevance_pairs"):
        first.setdefault(row["post_id"], row)
        purposes.setdefault(row["post_id"], []).append((row["group_purpose"], row["label"] == "on_topic"))
    return {
        post_id: RealPost(row["subject"] or "", row["text"], False, tuple(purposes[post_id]))
        for post_id, row in first.items()
    }


def read_communities(folder: Path) -> Iterator[tuple[str, RealPost]]:
    for row in rows_of(folder, "reddit_communities"):
        subject = "" if row["subject"] == row["text"] else row["subject"] or ""
        yield row["id"], RealPost(subject, row["text"], False, ((row["group_purpose"], True),))


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    path = folder / name / "train.jsonl.gz"
    if not path.exists():
        raise OpenSetsMissing(f"{path} is missing; --open-sets must name the folder of the open sets")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
