from __future__ import annotations

from procrastinate.contrib.django import app

from moothall.members.unproved import forget_unproved


@app.periodic(cron="29 3 * * *")
@app.task(name="forget_unproved_sign_ups", queueing_lock="forget_unproved_sign_ups")
def forget_unproved_sign_ups(timestamp: int) -> None:
    forget_unproved()
