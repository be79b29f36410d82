"""Reads the openly licensed sets of real posts that training may use beside the corpus.

Only these two sources are read, both dedicated to the public domain (PDDL 1.0):
`reddit_relevance_pairs` and `reddit_communities` (umbrae/reddit-top-2.5-million) and `spamassassin_lists`
(Apache SpamAssassin public corpus). Sets on which transfer is measured are never read here.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
    """One real post. `purposes` are (purpose, fits) pairs; empty where no group is known."""

    subject: str
    text: str
    is_promotion: bool
    purposes: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class OpenSets:
    """What training takes from the open sets."""

    communities: tuple[RealPost, ...]
    list_ham: tuple[RealPost, ...]
    list_spam: tuple[RealPost, ...]


def read_open_sets(folder: Path) -> OpenSets:
    """Read the train parts below `folder`.

    Raises
    ------
    OpenSetsMissing
        naming the file that is not there.
    """
    paired = read_pairs(folder)
    known = {post.text for post in paired}
    communities = paired + [post for post in read_communities(folder) if post.text not in known]
    mails = [
        RealPost(row["subject"] or "", row["text"], row["label"] == "spam", purposes_of_list(row))
        for row in rows_of(folder, "spamassassin_lists")
        if len(row["text"]) <= LONGEST_CHARACTERS
    ]
    ham = tuple(mail for mail in mails if not mail.is_promotion)
    return OpenSets(tuple(communities), ham, tuple(mail for mail in mails if mail.is_promotion))


def purposes_of_list(row: dict[str, str]) -> tuple[tuple[str, bool], ...]:
    purpose = LIST_PURPOSES.get(row["group"] or "")
    return ((purpose, row["label"] == "ham"),) if purpose else ()


def read_pairs(folder: Path) -> list[RealPost]:
    """Posts with three purposes each: of their own community, of a random one and of a similar one."""
    first: dict[str, dict[str, str]] = {}
    purposes: dict[str, list[tuple[str, bool]]] = {}
    for row in rows_of(folder, "reddit_relevance_pairs"):
        first.setdefault(row["post_id"], row)
        purposes.setdefault(row["post_id"], []).append((row["group_purpose"], row["label"] == "on_topic"))
    return [
        RealPost(row["subject"] or "", row["text"], False, tuple(purposes[post_id])) for post_id, row in first.items()
    ]


def read_communities(folder: Path) -> Iterator[RealPost]:
    for row in rows_of(folder, "reddit_communities"):
        subject = "" if row["subject"] == row["text"] else row["subject"] or ""
        yield RealPost(subject, row["text"], False, ((row["group_purpose"], True),))


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    path = folder / name / "train.jsonl.gz"
    if not path.exists():
        raise OpenSetsMissing(f"{path} is missing; --open-sets must name the folder of the open sets")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
