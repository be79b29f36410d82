from django.apps import AppConfig


class PostingConfig(AppConfig):
    name = "moothall.posting"
    default_auto_field = "django.db.models.BigAutoField"
