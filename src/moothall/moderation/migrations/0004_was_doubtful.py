from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0003_flags")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="was_doubtful",
            field=models.BooleanField(default=False, help_text="The post, before it"),
        ),
    ]
