"""Standing: what a member has earned in one group by taking part in it.

A member has standing with three published contributions to discussions, none of them doubtful, the first of them
three days old, and none moved, returned or rejected by a manager in 90 days. A post that somebody may have sent in the
member's name counts against nobody. Managers have it by their office, which is read beside what they earned and never
stored as that: it ends with the office.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from django.db import connection

from moothall.core.clock import now
from moothall_screening import AuthorRecord

CONTRIBUTIONS = 3
FIRST_DAYS_AGO = 3
CLEAN_DAYS = 90
LOOKED_BACK_DAYS = 7  # as long as a worker may have been away

_GAINED_OR_LOST = """
WITH asked AS (
    SELECT m.id, m.profile_id, m.has_standing
    FROM groups_membership m
    WHERE m.group_id = %(group)s AND m.profile_id = ANY(%(profiles)s)
), earned AS (
    SELECT a.id, a.profile_id, a.has_standing,
        (SELECT count(*) >= %(contributions)s AND min(p.created_at) <= %(first_before)s
         FROM discussions_post p
         WHERE p.group_id = %(group)s AND p.author_id = a.profile_id AND p.status = 'published'
           AND p.lane = 'discussions' AND NOT p.is_doubtful)
        AND NOT EXISTS (
         SELECT 1 FROM moderation_decision d JOIN discussions_post p ON p.id = d.post_id
         WHERE p.group_id = %(group)s AND p.author_id = a.profile_id AND NOT d.is_machine AND NOT p.is_unproved
           AND d.action IN ('reroute', 'return', 'reject') AND d.decided_at > %(clean_after)s
           AND d.undoes_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM moderation_decision u WHERE u.undoes_id = d.id)) AS has_it
    FROM asked a
)
UPDATE groups_membership m SET has_standing = e.has_it
FROM earned e WHERE m.id = e.id AND m.has_standing IS DISTINCT FROM e.has_it
RETURNING m.profile_id
"""


def refresh_standing(group_id: int, profile_ids: Collection[int]) -> list[int]:
    """Sets what these members have earned, `has_standing`, anew; returns the profiles of those for whom it changed."""
    at = now()
    with connection.cursor() as cursor:
        cursor.execute(
            _GAINED_OR_LOST,
            {
                "group": group_id,
                "profiles": list(profile_ids),
                "contributions": CONTRIBUTIONS,
                "first_before": at - timedelta(days=FIRST_DAYS_AGO),
                "clean_after": at - timedelta(days=CLEAN_DAYS),
            },
        )
        return [row[0] for row in cursor.fetchall()]


_RECORDS = """
SELECT m.profile_id,
    count(p.id) FILTER (WHERE p.status = 'published' AND p.lane = 'discussions'),
    count(p.id) FILTER (WHERE coalesce(nullif(p.status_before, ''), p.status) IN ('rejected', 'returned')
        AND NOT p.is_unproved),
    (SELECT count(*)
     FROM discussions_post o
     JOIN discussions_thank k ON k.post_id = o.id
     JOIN groups_membership g ON g.profile_id = k.profile_id AND g.group_id = o.group_id
     WHERE o.group_id = m.group_id AND o.author_id = m.profile_id AND o.thanked_count > 0
       AND g.state = 'active' AND (g.has_standing OR g.role <> 'member')),
    extract(epoch FROM %(now)s - m.joined_at) / 86400
FROM groups_membership m
LEFT JOIN discussions_post p ON p.group_id = m.group_id AND p.author_id = m.profile_id
WHERE m.group_id = %(group)s AND m.profile_id = ANY(%(profiles)s)
GROUP BY m.group_id, m.profile_id, m.joined_at
"""


def author_records(group_id: int, profile_ids: Collection[int]) -> Mapping[int, AuthorRecord]:
    """What the group knows of these authors, in counts; nothing for those who are no members.

    Deleting what was rejected makes no better record, and a crowd of new accounts thanks nobody into one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, {"group": group_id, "profiles": list(profile_ids), "now": now()})
        return {
            profile: AuthorRecord(
                accepted_posts=accepted, rejected_posts=rejected, thanked=thanked, member_days=max(0.0, float(days))
            )
            for profile, accepted, rejected, thanked, days in cursor.fetchall()
        }


_RIPE = """
SELECT m.group_id, array_agg(m.profile_id)
FROM groups_membership m
WHERE m.state = 'active' AND NOT m.has_standing AND (
    EXISTS (
        SELECT 1 FROM discussions_post p
        WHERE p.author_id = m.profile_id AND p.group_id = m.group_id AND p.status = 'published'
          AND p.created_at BETWEEN %(first_after)s AND %(first_before)s)
    OR EXISTS (
        SELECT 1 FROM moderation_decision d JOIN discussions_post p ON p.id = d.post_id
        WHERE p.author_id = m.profile_id AND p.group_id = m.group_id AND NOT d.is_machine
          AND d.decided_at BETWEEN %(decided_after)s AND %(decided_before)s)
)
GROUP BY m.group_id
"""


def ripe() -> dict[int, list[int]]:
    """By group, members for whom three days, or the 90 of a decision, were over within the last week: they may have
    earned standing without doing anything."""
    at = now()
    first_before, decided_before = at - timedelta(days=FIRST_DAYS_AGO), at - timedelta(days=CLEAN_DAYS)
    looked_back = timedelta(days=LOOKED_BACK_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            _RIPE,
            {
                "first_after": first_before - looked_back,
                "first_before": first_before,
                "decided_after": decided_before - looked_back,
                "decided_before": decided_before,
            },
        )
        return dict(cursor.fetchall())
