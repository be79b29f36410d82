"""A post that the inbox's gate did not let through earns its way by being read."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction

from moothall.core.clock import now
from moothall.notifications.models import Event, EventKind
from moothall.notifications.telling import tell

# Members with standing who have read it, beside its author, while nobody took it off the site: any number of accounts
# without it would otherwise read each other into everybody's mail. What it said before an edit was another text.
READERS_TO_EARN = 5
EARNS_FOR_DAYS = 14

_OPEN = """
UPDATE discussions_post p SET inbox = 'open', inbox_at = now()
FROM discussions_topic t
WHERE p.inbox = 'earning' AND NOT p.is_flagged AND p.created_at > %(since)s AND t.id = p.topic_id
  AND p.status = 'published' AND t.status = 'published'
  AND NOT EXISTS (SELECT 1 FROM groups_membership a
                  WHERE a.profile_id = p.author_id AND a.group_id = p.group_id AND a.state = 'banned')
  AND (SELECT count(*) FROM discussions_topicread r
       JOIN groups_membership m ON m.profile_id = r.profile_id AND m.group_id = p.group_id AND m.state = 'active'
       AND (m.has_standing OR m.role <> 'member')
       WHERE r.topic_id = p.topic_id AND r.read_at >= greatest(p.created_at, p.edited_at)
         AND r.profile_id <> p.author_id) >= %(readers)s
RETURNING p.id, p.group_id, p.topic_id
"""


@transaction.atomic
def open_earned() -> int:
    """Lets through what enough members have read, and tells of each; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"since": now() - timedelta(days=EARNS_FOR_DAYS), "readers": READERS_TO_EARN})
        earned = cursor.fetchall()
    tell([Event(kind=EventKind.EARNED, post_id=post, group_id=group, topic_id=topic) for post, group, topic in earned])
    return len(earned)
