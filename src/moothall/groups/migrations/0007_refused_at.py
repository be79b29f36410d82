from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("groups", "0006_keyed_uninvited_addresses")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="refused_at",
            field=models.DateTimeField(blank=True, help_text="A manager did not let them in", null=True),
        ),
    ]
