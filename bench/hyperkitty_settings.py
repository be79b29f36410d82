"""HyperKitty's example settings of 1.3.12, for a measurement.

Changed in its favour or because it must be: DEBUG off, without the debug toolbar and the social providers, static files
uncompressed; PostgreSQL over the same socket as Moothall, and the connection kept open between requests; no log file.
The example has no cache, and says that one helps much: HYPERKITTY_BENCH_CACHE names the one to measure with.
"""

import os
from pathlib import Path

DATA = Path(os.environ["HYPERKITTY_BENCH_DATA"])

SECRET_KEY = "for a measurement on this machine alone"
DEBUG = False
SITE_ID = 1
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]

MAILMAN_REST_API_URL = "http://localhost:8001"
MAILMAN_REST_API_USER = "restadmin"
MAILMAN_REST_API_PASS = "restpass"
MAILMAN_ARCHIVER_KEY = "SecretArchiverAPIKey"
MAILMAN_ARCHIVER_FROM = ("127.0.0.1", "::1")

INSTALLED_APPS = (
    "hyperkitty",
    "django_mailman3",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_gravatar",
    "compressor",
    "haystack",
    "django_extensions",
    "django_q",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
)

MIDDLEWARE = (
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_mailman3.middleware.TimezoneMiddleware",
)

ROOT_URLCONF = "hyperkitty_urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.i18n",
                "django.template.context_processors.media",
                "django.template.context_processors.static",
                "django.template.context_processors.tz",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django_mailman3.context_processors.common",
                "hyperkitty.context_processors.common",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["HYPERKITTY_BENCH_DATABASE"],
        "USER": os.environ["HYPERKITTY_BENCH_USER"],
        "HOST": os.environ["HYPERKITTY_BENCH_HOST"],
        "CONN_MAX_AGE": None,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_ROOT = DATA / "static"
STATIC_URL = "/static/"
STATICFILES_FINDERS = (
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "compressor.finders.CompressorFinder",
)
COMPRESS_ENABLED = False
COMPRESS_PRECOMPILERS = ()

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "hk_root"
LOGOUT_URL = "account_logout"
AUTHENTICATION_BACKENDS = (
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
)

HAYSTACK_CONNECTIONS = {
    "default": {"ENGINE": "haystack.backends.whoosh_backend.WhooshEngine", "PATH": str(DATA / "fulltext_index")}
}
REST_FRAMEWORK = {
    "PAGE_SIZE": 10,
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "DEFAULT_FILTER_BACKENDS": ("rest_framework.filters.OrderingFilter",),
}
Q_CLUSTER = {"timeout": 300, "retry": 360, "save_limit": 100, "orm": "default"}
CACHES = {
    "default": {
        "BACKEND": f"django.core.cache.backends.{os.environ['HYPERKITTY_BENCH_CACHE']}",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

FILTER_VHOST = False
HYPERKITTY_DISABLE_SINGLETON_TASKS = False
HYPERKITTY_TASK_LOCK_TIMEOUT = 10 * 60
HYPERKITTY_MLIST_FEED_LENGTH = 30
