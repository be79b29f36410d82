from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "moothall.members"
    default_auto_field = "django.db.models.BigAutoField"
