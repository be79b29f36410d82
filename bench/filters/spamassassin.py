"""SpamAssassin as Debian ships it: Bayes taught by sa-learn, beside its rules; nothing is asked of the network."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from filters.commands import said_by
from filters.filter import FilterFailed, Running, children_cpu_s
from filters.mails import write_folder, write_mbox
from moothall_screening.features import Floats
from moothall_screening.labelled import Row

_TOLD = re.compile(rb"^X-Spam-Measured: (\S+) (\S+)$", re.MULTILINE)
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

    @contextmanager
    def running(self, folder: Path) -> Iterator[Running]:
        yield _Running(folder)


class _Running:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._preferences = folder / "preferences"
        self._preferences.write_text(_PREFERENCES.format(folder=folder))
        self._environ = {**os.environ, "HOME": str(folder)}

    def learn(self, rows: Sequence[Row]) -> None:
        for name, flag, is_promotion in (("offers", "--spam", True), ("genuine", "--ham", False)):
            folder = write_folder(self._folder / name, [row for row in rows if row.is_promotion is is_promotion])
            said_by(["sa-learn", "--local", "-p", str(self._preferences), flag, str(folder)], environ=self._environ)

    def judge(self, rows: Sequence[Row]) -> Mapping[str, Floats]:
        box = write_mbox(self._folder / "judged", rows)
        command = ["spamassassin", "--local", "-p", str(self._preferences), "--mbox", str(box)]
        told = _TOLD.findall(said_by(command, environ=self._environ))
        if len(told) != len(rows):
            raise FilterFailed(f"SpamAssassin answered {len(told)} of {len(rows)} posts")
        bayes, scores = np.array(told, dtype=np.float64).T
        return {"spamassassin, Bayes": bayes, "spamassassin, with rules": scores}

    def cpu_s(self) -> float:
        return children_cpu_s()
