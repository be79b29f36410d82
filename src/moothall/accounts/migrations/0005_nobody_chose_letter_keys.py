"""Until now the choice did nothing, so nobody can have meant it: keys are on for those who turn them on from here."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 5000


def turn_off(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    users = apps.get_model("accounts", "User").objects.filter(has_letter_keys=True)
    while ids := list(users.values_list("id", flat=True)[:BATCH]):
        users.filter(id__in=ids).update(has_letter_keys=False)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_letter_keys_off")]

    operations = [migrations.RunPython(turn_off, migrations.RunPython.noop)]
