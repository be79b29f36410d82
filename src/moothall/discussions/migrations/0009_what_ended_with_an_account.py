from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("discussions", "0008_a_draft_a_window")]

    operations = [
        migrations.AddField(
            model_name="topic",
            name="is_removed",
            field=models.BooleanField(
                default=False, help_text="It ended with its author's account: no comment brings it back"
            ),
        ),
    ]
