from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "moothall.site"
    label = "site"
    verbose_name = "Site"
