from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "moothall.web"
    default_auto_field = "django.db.models.BigAutoField"
