import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("discussions", "0006_attachments_kept")]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="reply_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="discussions.post",
            ),
        ),
    ]
