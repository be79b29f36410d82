from django.apps import AppConfig


class JudgingConfig(AppConfig):
    name = "moothall.judging"
    default_auto_field = "django.db.models.BigAutoField"
