import gc

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

# Python looks for rings of dead objects whenever there are 700 more, of which a start makes hundreds of thousands, all
# to stay: a tenth of its time. And what a request or a mail leaves dies by itself.
NEW_OBJECTS_BEFORE_A_LOOK = 50_000
gc.set_threshold(NEW_OBJECTS_BEFORE_A_LOOK, 20, 20)


class SiteConfig(AppConfig):
    name = "moothall.site"

    def ready(self) -> None:
        autodiscover_modules("checks")
