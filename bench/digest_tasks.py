"""The task `build_digests` for the week that was filled in, whatever day it is."""

from __future__ import annotations

from digest_filling import AT
from procrastinate.contrib.django import app

from moothall.notifications.digests import build_due
from moothall.notifications.tasks import send_mail


@app.task(name="build_the_week")
def build_the_week() -> None:
    for waiting in build_due(AT):
        if waiting:
            send_mail.defer()
