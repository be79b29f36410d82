"""What was kept as a plain SHA-256 becomes its HMAC with the site's key. There is no way back from that to the SHA-256."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils.crypto import salted_hmac

KEPT = "moothall.groups.invite_by_mail kept"


def key(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    rows = apps.get_model("groups", "UninvitedAddress").objects
    for sha256 in list(rows.values_list("address_hash", flat=True)):
        rows.filter(address_hash=sha256).update(address_hash=salted_hmac(KEPT, sha256, algorithm="sha256").hexdigest())


class Migration(migrations.Migration):
    dependencies = [("groups", "0005_mailed_invitations")]

    operations = [migrations.RunPython(key, migrations.RunPython.noop)]
