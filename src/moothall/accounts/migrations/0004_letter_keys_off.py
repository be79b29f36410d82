from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_mail_together")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="has_letter_keys",
            field=models.BooleanField(default=False, help_text="Turned single-letter keys on (WCAG 2.1.4)"),
        ),
    ]
