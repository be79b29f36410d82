from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("groups", "0007_refused_at")]

    operations = [migrations.RemoveField(model_name="membership", name="last_seen_at")]
