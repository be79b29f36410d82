from django.db import migrations

# Managers had it stored for their office too. Few rows: those who keep groups.
KEEP_WHAT_WAS_EARNED = """
UPDATE groups_membership m SET has_standing = false
WHERE m.role <> 'member' AND m.has_standing AND NOT (
    (SELECT count(*) >= 3 AND min(p.created_at) <= now() - interval '3 days'
     FROM discussions_post p
     WHERE p.group_id = m.group_id AND p.author_id = m.profile_id AND p.status = 'published'
       AND p.lane = 'discussions' AND NOT p.is_doubtful)
    AND NOT EXISTS (
     SELECT 1 FROM moderation_decision d JOIN discussions_post p ON p.id = d.post_id
     WHERE p.group_id = m.group_id AND p.author_id = m.profile_id AND NOT d.is_machine AND NOT p.is_unproved
       AND d.action IN ('reroute', 'return', 'reject') AND d.decided_at > now() - interval '90 days'
       AND d.undoes_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM moderation_decision u WHERE u.undoes_id = d.id)))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("discussions", "0008_a_draft_a_window"),
        ("groups", "0007_refused_at"),
        ("judging", "0003_rereading"),
        ("moderation", "0004_was_doubtful"),
    ]

    operations = [migrations.RunSQL(KEEP_WHAT_WAS_EARNED, migrations.RunSQL.noop)]
