"""What anybody would try first: TF-IDF of words and letters, and logistic regression, by scikit-learn."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filters.filter import Running, Work
from moothall_screening.draft import whole
from moothall_screening.features import Floats
from moothall_screening.labelled import Row

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


class Plain:
    name = "tf-idf"
    needs: tuple[str, ...] = ()
    seen: frozenset[str] = frozenset()
    is_taught = True

    @contextmanager
    def running(self, work: Work) -> Iterator[Running]:
        yield _Running()


class _Running:
    def __init__(self) -> None:
        self._model = _untaught()

    def learn(self, rows: Sequence[Row]) -> None:
        self._model.fit(_texts(rows), [row.is_promotion for row in rows])

    def judge(self, rows: Sequence[Row]) -> Mapping[str, Floats]:
        return {Plain.name: self._model.predict_proba(_texts(rows))[:, 1]}

    def cpu_s(self) -> float:
        return time.process_time()


def _untaught() -> Pipeline:
    # Scikit-learn takes over a second, also for those who measure other filters.
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline, make_union  # noqa: PLC0415

    return make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
        ),
        LogisticRegression(C=10.0, solver="liblinear"),
    )


def _texts(rows: Sequence[Row]) -> list[str]:
    return [whole(row.candidate) for row in rows]
