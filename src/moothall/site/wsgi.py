import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.site.settings")

application = get_wsgi_application()
# All pages are imported now: a broken one stops the start, not the first reader.
get_resolver().check()
