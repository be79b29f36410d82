from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SiteConfig(AppConfig):
    name = "moothall.site"

    def ready(self) -> None:
        autodiscover_modules("checks")
