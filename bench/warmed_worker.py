"""A worker that has read a post before it takes its first task, and so has the models in memory."""

from __future__ import annotations

from moothall.judging.judge import screener
from moothall_screening import Candidate

screener().screen(Candidate(subject="Lime mortar", text="How long did yours take to cure?", group="Old houses"))
