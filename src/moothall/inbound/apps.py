from django.apps import AppConfig


class InboundConfig(AppConfig):
    name = "moothall.inbound"
    default_auto_field = "django.db.models.BigAutoField"
