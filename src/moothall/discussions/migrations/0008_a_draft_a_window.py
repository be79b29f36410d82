from django.db import migrations, models


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
    ]
