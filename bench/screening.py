"""`make bench-screening`: Moothall's judges beside mail filters and a plain baseline, taught and measured alike.

All are taught `corpus/train.jsonl` and judge `corpus/dev.jsonl`, whose groups they have not seen, then the public sets
in the folder that MOOTHALL_BENCH_SETS names. Speed is posts a CPU-second of all processes that work for a filter.
Moothall as shipped has learnt more than these rows (see docs/screening.md); the fast judge is therefore also trained
here on them alone. `make bench-screening PEERS="bogofilter tf-idf"` measures only those named.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from filters.bogofilter import Bogofilter
from filters.filter import Filter, FilterFailed, Work
from filters.moothall import Moothall, Taught
from filters.plain import Plain
from filters.rspamd import Rspamd
from filters.spamassassin import SpamAssassin
from screening_figures import Column, of_dev, of_set, speed
from screening_sets import VARIABLE, Sets, sets
from screening_table import show

FILTERS: tuple[Filter, ...] = (
    Moothall("moothall", closely=True),
    Moothall("fast-judge", closely=False),
    Taught(),
    Plain(),
    Bogofilter(),
    SpamAssassin(),
    Rspamd(),
)
RESULTS = Path(__file__).parent / "results"
# A peer that is not through by then is given up, with what it has told; the whole ends within a quarter of an hour.
EACH_WITHIN_S, ALL_WITHIN_S = 330, 840


def main() -> int:
    chosen = _chosen(sys.argv[1:])
    over = sets()
    if not over.public:
        print(f"{VARIABLE} names no folder of public sets, so the corpus alone is measured.")
    until = time.monotonic() + ALL_WITHIN_S
    columns = [column for each in chosen for column in measured(each, over, until)]
    show(columns)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "screening.json").write_text(json.dumps([asdict(column) for column in columns], indent=1))
    return 0


def _chosen(names: Sequence[str]) -> list[Filter]:
    """Moothall's own, and the peers that are named: by default all."""
    unknown = set(names) - {each.name for each in FILTERS}
    if unknown:
        raise SystemExit(f"There is no filter {', '.join(unknown)}. Choose of {', '.join(f.name for f in FILTERS)}.")
    return [each for each in FILTERS if not names or each.name in names]


def measured(one: Filter, over: Sets, until: float) -> list[Column]:
    """A column for each way in which the filter tells offers; one that says why, where it can't be measured."""
    missing = [program for program in one.needs if shutil.which(program) is None]
    if missing:
        return [Column(one.name, failed=f"left out, since {', '.join(missing)} is not installed")]
    print(f"{one.name} …", flush=True)
    columns: dict[str, Column] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="moothall-filter-") as folder:
            _at_work(one, over, Work(Path(folder), min(until, time.monotonic() + EACH_WITHIN_S)), columns)
    except FilterFailed as failed:
        columns.setdefault(one.name, Column(one.name)).failed = str(failed)
    return list(columns.values())


def _at_work(one: Filter, over: Sets, work: Work, columns: dict[str, Column]) -> None:
    """Fills the columns as it goes, so that what was told before a failure is kept."""
    with one.running(work) as running:
        started = running.cpu_s()
        running.learn(over.train)
        learnt = running.cpu_s()
        told = running.judge(over.dev)
        judged = running.cpu_s()
        for name, values in told.items():
            columns[name] = Column(name, figures=dict(of_dev(over.dev, values)))
            columns[name].figures.update(speed("judged", len(over.dev), judged - learnt))
            if one.is_taught:
                columns[name].figures.update(speed("learnt", len(over.train), learnt - started))
        for set_name, rows in over.public.items():
            if set_name not in one.seen:
                for name, values in running.judge(rows).items():
                    columns[name].figures.update(of_set(set_name, rows, values))


if __name__ == "__main__":
    sys.exit(main())
