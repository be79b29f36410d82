from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def join(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Taken back: of several texts at one place the last one kept stands first, and the others below it."""
    drafts = apps.get_model("discussions", "Draft").objects
    at: defaultdict[tuple[int, int, int | None], list[Any]] = defaultdict(list)
    for draft in drafts.order_by("-updated_at", "-id"):
        at[draft.author_id, draft.group_id, draft.topic_id].append(draft)
    for newest, *others in at.values():
        if others:
            # Once a row: of one changed twice, PostgreSQL would check the keys before it lets the table be changed.
            texts = [newest.text, *(words for draft in others for words in (draft.title, draft.text))]
            drafts.filter(id=newest.id).update(text="\n\n".join(filter(None, texts)))
            drafts.filter(id__in=[draft.id for draft in others]).delete()


class Migration(migrations.Migration):
    dependencies = [("discussions", "0007_draft_reply_to")]

    operations = [
        migrations.RemoveConstraint(model_name="draft", name="one_draft_per_topic"),
        migrations.RemoveConstraint(model_name="draft", name="one_new_topic_draft_per_group"),
        migrations.AddField(
            model_name="draft",
            name="window",
            field=models.UUIDField(blank=True, help_text="The form, open in a browser, that kept it last", null=True),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(fields=("author", "window"), name="one_draft_per_window"),
        ),
        migrations.RunPython(migrations.RunPython.noop, join),
    ]
