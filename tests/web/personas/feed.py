from __future__ import annotations

from tests.web.personas.row import Row, everybody, slug

# A private group: strangers learn nothing of it.
MEMBERS_ONLY = {**everybody(200), "sam": 404, "nobody": 404}

ROWS = [
    Row("home", everybody(200)),
    Row("how_posts_are_read", everybody(200)),
    Row("accessibility", everybody(200)),
    Row("groups", everybody(200)),
    Row("search", everybody(200)),
    Row("group", MEMBERS_ONLY, kwargs=slug),
    Row("group_promotions", MEMBERS_ONLY, kwargs=slug),
    Row("group_jobs", MEMBERS_ONLY, kwargs=slug),
    Row("group_about", MEMBERS_ONLY, kwargs=slug),
    Row("group_members", MEMBERS_ONLY, kwargs=slug),
    Row("group_decisions", MEMBERS_ONLY, kwargs=slug),
]
