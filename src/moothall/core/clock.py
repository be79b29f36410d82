"""The one place that says what time it is, so that tests may say it too."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """Aware, UTC."""
    return timezone.now()
