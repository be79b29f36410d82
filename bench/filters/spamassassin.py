"""SpamAssassin as Debian ships it: Bayes taught by sa-learn, beside its rules; nothing is asked of the network."""

from __future__ import annotations

import mailbox
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from filters.commands import said_by
from filters.filter import Running, Work, by_number, children_cpu_s
from filters.mails import write_folder, write_mbox
from moothall_screening.features import Floats
from moothall_screening.labelled import Row

_PREFERENCES = """bayes_path {folder}/bayes
bayes_auto_learn 0
use_auto_welcomelist 0
clear_headers
add_header all Measured _BAYES_ _SCORE_
"""


class SpamAssassin:
    name = "spamassassin"
    needs = ("spamassassin", "sa-learn")
    seen: frozenset[str] = frozenset()
    is_taught = True

    @contextmanager
    def running(self, work: Work) -> Iterator[Running]:
        yield _Running(work)


class _Running:
    def __init__(self, work: Work) -> None:
        self._work = work
        self._preferences = work.folder / "preferences"
        self._preferences.write_text(_PREFERENCES.format(folder=work.folder))
        self._environ = {**os.environ, "HOME": str(work.folder)}

    def learn(self, rows: Sequence[Row]) -> None:
        for name, flag, is_promotion in (("offers", "--spam", True), ("genuine", "--ham", False)):
            folder = write_folder(self._work.folder / name, [row for row in rows if row.is_promotion is is_promotion])
            command = ["sa-learn", "--local", "-p", str(self._preferences), flag, str(folder)]
            said_by(command, self._work, environ=self._environ)

    def judge(self, rows: Sequence[Row]) -> Mapping[str, Floats]:
        box = write_mbox(self._work.folder / "judged", rows)
        command = ["spamassassin", "--local", "-p", str(self._preferences), "--mbox", str(box)]
        marked = self._work.folder / "marked"
        marked.write_bytes(said_by(command, self._work, environ=self._environ))
        told = list(answers(marked))
        return {
            "spamassassin, Bayes": by_number(len(rows), ((number, bayes) for number, bayes, _ in told)),
            "spamassassin, with rules": by_number(len(rows), ((number, points) for number, _, points in told)),
        }

    def cpu_s(self) -> float:
        return children_cpu_s()


def answers(marked: Path) -> Iterator[tuple[int, float, float]]:
    """Number, Bayes' chance and points with the rules, of each mail; SpamAssassin has an order of its own."""
    with closing(mailbox.mbox(str(marked))) as box:
        for message in box:
            number = str(message["Message-ID"]).strip("<>").partition("@")[0]
            bayes, points = str(message["X-Spam-Measured"]).split()
            yield int(number), float(bayes), float(points)
