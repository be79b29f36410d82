"""Tasks wait for the transaction that they were deferred in, inside a task as everywhere else.

Procrastinate defers what a worker's task defers over the worker's own connection, hence at once. Another worker may do
it before what it is about is there, and after a rollback it is done about nothing.
"""

from __future__ import annotations

from procrastinate import App, PsycopgConnector
from procrastinate.connector import BaseAsyncConnector, BaseConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params


class WorkersConnector(PsycopgConnector):
    """The worker itself waits for jobs and settles them asynchronously; whatever is not comes from a task."""

    def __init__(self, tasks_connector: DjangoConnector) -> None:
        super().__init__(kwargs=connector_params(tasks_connector.alias))
        self._tasks_connector = tasks_connector

    def get_sync_connector(self) -> BaseConnector:
        return self._tasks_connector


class SitesConnector(DjangoConnector):
    def get_worker_connector(self) -> BaseAsyncConnector:
        return WorkersConnector(self)


def defer_in_transactions(app: App) -> None:
    """Called when the app is ready (PROCRASTINATE_ON_APP_READY)."""
    app.connector = app.job_manager.connector = SitesConnector()
