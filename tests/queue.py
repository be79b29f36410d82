"""The real queue, worked off in the test's own process until it is empty."""

from __future__ import annotations

from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.procrastinate_app import current_app


def work_off() -> None:
    """As the site's worker does, which also closes the database sessions of its threads."""
    assert isinstance(current_app.connector, DjangoConnector)
    with current_app.replace_connector(current_app.connector.get_worker_connector()) as app:
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
