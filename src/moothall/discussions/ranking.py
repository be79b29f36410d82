"""Where a conversation stands in the feed: what it has earned is added up and kept with the topic.

docs/policy.md says in plain words what counts, and by how many places anybody can push a conversation down.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import connection, transaction

from moothall.core.clock import now
from moothall.discussions.models import Topic

# Hours of freshness. The second person talking is worth 8 h, the fourth 8 h more: distinct people, never posts.
HOURS_PER_DOUBLED_PEOPLE = 8
MOST_PEOPLE = 25
HOURS_PER_DOUBLED_THANKS = 4
MOST_THANKERS = 25
HOURS_WHILE_UNANSWERED = 18
# Conversations of others that one person lifts in a day (UTC), by comments and thanks together.
LIFTED_A_DAY = 3
# New topics of one author in one lane that settle within 24 hours; further ones are paced.
SETTLED_A_DAY = 2

# Counted are what a member with standing does, and what an import brings: an operator chose that archive, and its
# authors are not members yet. `turn` numbers the conversations that somebody takes part in on one day, whatever
# became of the comments, so that deleting one does not free another. It never changes: later acts come later.
_RECOUNT = """
WITH topic AS (
    SELECT t.id, t.group_id, t.author_id, t.lane, t.created_at,
        t.kind IN ('question', 'request') AND t.lane = 'discussions' AND t.status = 'published'
            AND a.id IS NULL AS waits
    FROM discussions_topic t
    LEFT JOIN discussions_post a ON a.id = t.answer_id AND a.topic_id = t.id AND a.status = 'published'
    WHERE t.id = ANY(%(ids)s)
), standing AS (
    SELECT m.group_id, m.profile_id FROM groups_membership m
    WHERE m.group_id IN (SELECT group_id FROM topic) AND m.state = 'active' AND (m.has_standing OR m.role <> 'member')
), published AS (
    SELECT t.id AS topic_id, t.group_id, p.id, p.author_id, p.created_at, p.is_first,
        p.source = 'import' AS is_imported,
        NOT p.is_first AND NOT p.is_doubtful AND p.author_id <> t.author_id AS is_answer,
        s.profile_id IS NOT NULL AS has_standing
    FROM topic t
    JOIN discussions_post p ON p.topic_id = t.id AND p.status = 'published'
    LEFT JOIN standing s ON s.group_id = t.group_id AND s.profile_id = p.author_id
), thanks AS (
    SELECT p.topic_id, p.group_id, k.profile_id, k.created_at, s.profile_id IS NOT NULL AS has_standing
    FROM published p
    JOIN discussions_thank k ON k.post_id = p.id AND k.profile_id <> p.author_id
    LEFT JOIN standing s ON s.group_id = p.group_id AND s.profile_id = k.profile_id
), taking_part AS (
    SELECT topic_id, group_id, author_id AS profile_id, created_at, false AS is_thanks
    FROM published WHERE is_answer AND has_standing AND NOT is_imported
    UNION ALL
    SELECT topic_id, group_id, profile_id, created_at, true FROM thanks WHERE has_standing
), day AS (
    SELECT DISTINCT group_id, profile_id, date_trunc('day', created_at, 'UTC') AS starts_at FROM taking_part
), turn AS (
    SELECT group_id, profile_id, starts_at, topic_id,
        row_number() OVER (PARTITION BY group_id, profile_id, starts_at ORDER BY min(at), topic_id) AS nth
    FROM (
        SELECT d.*, p.topic_id, p.created_at AS at
        FROM day d
        JOIN discussions_post p ON p.author_id = d.profile_id AND p.group_id = d.group_id
            AND p.created_at >= d.starts_at AND p.created_at < d.starts_at + interval '24 hours'
        JOIN discussions_topic t ON t.id = p.topic_id AND t.author_id <> p.author_id
        WHERE NOT p.is_first AND p.source <> 'import'
        UNION ALL
        SELECT d.*, p.topic_id, k.created_at
        FROM day d
        JOIN discussions_thank k ON k.profile_id = d.profile_id
            AND k.created_at >= d.starts_at AND k.created_at < d.starts_at + interval '24 hours'
        JOIN discussions_post p ON p.id = k.post_id AND p.group_id = d.group_id AND p.author_id <> k.profile_id
    ) each_time
    GROUP BY group_id, profile_id, starts_at, topic_id
), lifting AS (
    SELECT p.topic_id, p.profile_id, p.created_at, p.is_thanks
    FROM taking_part p
    JOIN turn ON turn.group_id = p.group_id AND turn.profile_id = p.profile_id AND turn.topic_id = p.topic_id
        AND turn.starts_at = date_trunc('day', p.created_at, 'UTC')
    WHERE turn.nth <= %(lifted_a_day)s
    UNION ALL
    SELECT topic_id, author_id, created_at, false FROM published WHERE is_answer AND is_imported
), earned AS (
    SELECT topic_id,
        max(created_at) FILTER (WHERE NOT is_thanks) AS bumped_at,
        count(DISTINCT profile_id) FILTER (WHERE NOT is_thanks) AS people,
        count(DISTINCT profile_id) FILTER (WHERE is_thanks) AS thankers
    FROM lifting GROUP BY topic_id
), counted AS (
    SELECT topic_id,
        count(DISTINCT author_id) AS people_count,
        count(*) FILTER (WHERE NOT is_first) AS reply_count,
        max(created_at) AS last_post_at,
        (array_agg(author_id ORDER BY created_at DESC, id DESC))[1] AS last_author_id,
        bool_or(is_answer) AS is_answered,
        bool_or(is_answer AND (has_standing OR is_imported)) AS is_surely_answered,
        bool_or(is_first AND is_imported) AS is_imported
    FROM published GROUP BY topic_id
), thanked AS (
    SELECT topic_id, count(DISTINCT profile_id) AS thanked_count FROM thanks GROUP BY topic_id
), fresh AS (
    SELECT t.id,
        coalesce(c.people_count, 0) AS people_count,
        coalesce(c.reply_count, 0) AS reply_count,
        coalesce(k.thanked_count, 0) AS thanked_count,
        coalesce(c.last_post_at, t.created_at) AS last_post_at,
        coalesce(c.last_author_id, t.author_id) AS last_author_id,
        t.waits AND NOT coalesce(c.is_answered, false) AS is_unanswered,
        least(coalesce(greatest(e.bumped_at, t.created_at), t.created_at), %(now)s) + interval '1 hour' * (
            %(people_hours)s * ln(least(1 + coalesce(e.people, 0), %(most_people)s)) / ln(2.0)
            + %(thanks_hours)s * ln(1 + least(coalesce(e.thankers, 0), %(most_thankers)s)) / ln(2.0)
            + CASE WHEN t.waits AND NOT coalesce(c.is_surely_answered, false)
              THEN %(unanswered_hours)s ELSE 0 END
        ) AS rank_at,
        NOT coalesce(c.is_imported, false) AND (
            s.profile_id IS NULL
            OR (SELECT count(*) FROM discussions_topic o
                WHERE o.author_id = t.author_id AND o.group_id = t.group_id AND o.lane = t.lane
                    AND o.created_at > t.created_at - interval '24 hours'
                    AND (o.created_at, o.id) < (t.created_at, t.id)) >= %(settled_a_day)s
        ) AS is_paced
    FROM topic t
    LEFT JOIN counted c ON c.topic_id = t.id
    LEFT JOIN thanked k ON k.topic_id = t.id
    LEFT JOIN earned e ON e.topic_id = t.id
    LEFT JOIN standing s ON s.group_id = t.group_id AND s.profile_id = t.author_id
)
UPDATE discussions_topic t SET
    people_count = f.people_count, reply_count = f.reply_count, thanked_count = f.thanked_count,
    last_post_at = f.last_post_at, last_author_id = f.last_author_id, is_unanswered = f.is_unanswered,
    rank_at = f.rank_at, is_paced = f.is_paced
FROM fresh f WHERE f.id = t.id
"""


def recount(topic_ids: Collection[int]) -> None:
    """Brings counts, freshness and pace of these topics up to date: two statements, for one topic or for thousands."""
    if not topic_ids:
        return
    ids = sorted(topic_ids)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        # A statement of its own: the next one then sees what whoever held the lock has written (READ COMMITTED).
        cursor.execute("SELECT 1 FROM discussions_topic WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
        cursor.execute(
            _RECOUNT,
            {
                "ids": ids,
                "now": now(),
                "lifted_a_day": LIFTED_A_DAY,
                "settled_a_day": SETTLED_A_DAY,
                "people_hours": HOURS_PER_DOUBLED_PEOPLE,
                "most_people": MOST_PEOPLE,
                "thanks_hours": HOURS_PER_DOUBLED_THANKS,
                "most_thankers": MOST_THANKERS,
                "unanswered_hours": HOURS_WHILE_UNANSWERED,
            },
        )


def begun_after(topic_id: int) -> set[int]:
    """Its author's topics of the next 24 hours, it included: of those in one lane the third and further are paced, so
    that they are counted anew where this one comes into a lane or leaves it."""
    topic = Topic.objects.get(id=topic_id)
    found = Topic.objects.filter(author=topic.author_id, group=topic.group_id, created_at__gte=topic.created_at)
    return set(found.filter(created_at__lt=topic.created_at + timedelta(hours=24)).values_list("id", flat=True))
