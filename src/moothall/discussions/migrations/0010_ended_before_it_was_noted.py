from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Until now its title told that a conversation had ended with its author's account.
REMOVED_TITLE = "Removed by its author"


def note(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    posts = apps.get_model("discussions", "Post").objects
    erased = posts.filter(is_first=True, status="deleted", status_before="", text="").values("topic")
    topics = apps.get_model("discussions", "Topic").objects
    topics.filter(status="deleted", title=REMOVED_TITLE, id__in=erased).update(is_removed=True)


class Migration(migrations.Migration):
    dependencies = [("discussions", "0009_what_ended_with_an_account")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
