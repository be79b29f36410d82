from __future__ import annotations

from procrastinate.contrib.django import app

from moothall.moderation.earning import open_earned


@app.periodic(cron="*/5 * * * *")
@app.task(name="open_earned_posts", queueing_lock="open_earned_posts")
def open_earned_posts(timestamp: int) -> None:
    open_earned()
