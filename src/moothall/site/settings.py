"""Django's settings, derived from the environment; docs/operating.md lists what may be set."""

from email.utils import formataddr
from importlib.util import find_spec
from typing import Any

from moothall.core.embedded_postgres import DATABASE_NAME, SERVER_PORT, SUPERUSER, socket_folder
from moothall.core.secret_key import secret_key_in
from moothall.site import environment as env
from moothall.site.setting_kinds import MailProvider


def _secret_key() -> str:
    try:
        return MOOTHALL.secret_key or secret_key_in(DATA)
    except OSError as error:
        raise env.SettingsError(
            f"The secret key in {DATA} can't be read or made ({error.strerror}). Give the folder to the user that runs "
            "Moothall, or choose another with MOOTHALL_DATA."
        ) from None


MOOTHALL = env.read()
DATA = MOOTHALL.data
BASE_URL = MOOTHALL.address
SITE_NAME = MOOTHALL.site_name
SIGNUP_IS_OPEN = MOOTHALL.signup == "open"
IS_DATABASE_EMBEDDED = MOOTHALL.database is None
WEB_WORKERS = MOOTHALL.web_workers
WORKERS = MOOTHALL.workers
WEB_THREADS = MOOTHALL.web_threads
PORT = MOOTHALL.port

DEBUG = MOOTHALL.debug
SECRET_KEY = _secret_key()
ALLOWED_HOSTS = list(MOOTHALL.hosts or (MOOTHALL.host, "localhost", "127.0.0.1"))
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "moothall.site",
    "moothall.web",
    "moothall.inbound",
    "moothall.cli",
    "moothall.posting",
    "moothall.moderation",
    "moothall.judging",
    "moothall.notifications",
    "moothall.search",
    "moothall.discussions",
    "moothall.rules",
    "moothall.groups",
    "moothall.members",
    "moothall.accounts",
    "moothall.mailer",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "procrastinate.contrib.django",
]
if MOOTHALL.oidc_issuer:
    INSTALLED_APPS += ["allauth.socialaccount.providers.openid_connect"]
# Read by a worker as it starts. The site's other programs need neither the tasks nor the judge that comes with them.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
PROCRASTINATE_ON_APP_READY = "moothall.core.deferring.defer_in_transactions"
PROCRASTINATE_IMPORT_PATHS = [
    f"{app}.tasks" for app in INSTALLED_APPS if app.startswith("moothall.") and find_spec(f"{app}.tasks")
]

MIDDLEWARE = [
    "moothall.site.health.Health",
    "moothall.site.request_log.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "moothall.site.headers.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "moothall.accounts.session_activity.SessionActivity",
    "moothall.web.time_zone.TimeZone",
    "moothall.web.name_first.NameFirst",
]

ROOT_URLCONF = "moothall.site.urls"
WSGI_APPLICATION = "moothall.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "moothall.web.context.page",
            ],
        },
    },
]


def _database() -> dict[str, Any]:
    pool = {"min_size": 1, "max_size": WEB_THREADS + 2, "timeout": 10}
    # A connection keeps the plans of what it is asked again: docs/decisions/0016-statements-are-prepared.md.
    options = {"pool": pool, "server_side_binding": True, "prepare_threshold": 2}
    shared = {"ENGINE": "django.db.backends.postgresql", "CONN_HEALTH_CHECKS": True}
    if MOOTHALL.database is None:
        return {
            **shared,
            "NAME": DATABASE_NAME,
            "USER": SUPERUSER,
            "HOST": str(socket_folder(DATA)),
            "PORT": SERVER_PORT,
            "OPTIONS": options,
        }
    given = MOOTHALL.database
    return {
        **shared,
        "NAME": given.name,
        "USER": given.user,
        "PASSWORD": given.password,
        "HOST": given.host,
        "PORT": given.port,
        "OPTIONS": {**options, **dict(given.options)},
    }


DATABASES = {"default": _database()}
# Rates and locks must hold for all processes alike, so the cache is a table, not a process's memory.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600
# A post holds 64 kB of text at most, a settings page some forms; nobody uploads files in this version.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "moothall.members.proving.ProvingAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "moothall.members.sign_up.SignUpForm"
ACCOUNT_FORMS = {
    "add_email": "moothall.accounts.forms.AddEmailForm",
    "change_password": "moothall.accounts.forms.ChangePasswordForm",
    "login": "moothall.accounts.forms.LoginForm",
    "reauthenticate": "moothall.accounts.forms.ReauthenticateForm",
    "reset_password": "moothall.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "moothall.accounts.forms.ResetPasswordKeyForm",
    "set_password": "moothall.accounts.forms.SetPasswordForm",
    "signup": "moothall.accounts.forms.SignupForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Else allauth forgets that a provider has verified an address, where another member typed it and never proved it.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Posts of an imported list may have come from several addresses; each that is proved can be claimed.
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if MOOTHALL.is_https else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = MOOTHALL.trusted_proxies
MFA_ADAPTER = "moothall.accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "moothall.accounts.forms.ActivateTOTPForm",
    "authenticate": "moothall.accounts.forms.AuthenticateForm",
    "reauthenticate": "moothall.accounts.forms.ReauthenticateByCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = SITE_NAME
# A code holds for half a minute; whoever types it as that ends, or has a slow clock, is let in (RFC 6238 section 5.2).
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
SOCIALACCOUNT_ADAPTER = "moothall.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {"signup": "moothall.accounts.forms.SocialSignupForm"}
# Nobody gets a name here without having seen it first.
SOCIALACCOUNT_AUTO_SIGNUP = False
# Chrome holds each redirect that follows a form against the policy's form-action, which knows this site alone.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if MOOTHALL.oidc_issuer:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": MOOTHALL.oidc_name,
                "client_id": MOOTHALL.oidc_client_id,
                "secret": MOOTHALL.oidc_client_secret,
                "settings": {"server_url": MOOTHALL.oidc_issuer},
            }
        ]
    }

MAIL_DOMAIN = MOOTHALL.mail_domain or MOOTHALL.host
DEFAULT_FROM_EMAIL = MOOTHALL.mail_from or formataddr((SITE_NAME, f"moothall@{MAIL_DOMAIN}"))
DKIM_KEY = MOOTHALL.dkim_key
DKIM_SELECTOR = MOOTHALL.dkim_selector
MAIL_PACE = MOOTHALL.mail_pace
SECOND_OPINION_URL = MOOTHALL.second_opinion_url
SECOND_OPINION_MODEL = MOOTHALL.second_opinion_model
SECOND_OPINION_KEY = MOOTHALL.second_opinion_key or ""
LMTP = MOOTHALL.lmtp
AUTHENTICATION_HOST = MOOTHALL.authentication_host or MAIL_DOMAIN
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20
if MOOTHALL.mail is None:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA / "outbox")
elif isinstance(MOOTHALL.mail, MailProvider):
    EMAIL_BACKEND = f"anymail.backends.{MOOTHALL.mail.name}.EmailBackend"
    EMAIL_HOST = MOOTHALL.mail.name
    # What a provider can't do (most take no envelope sender of ours) must keep no mail back.
    ANYMAIL: dict[str, Any] = {"IGNORE_UNSUPPORTED_FEATURES": True}
    ANYMAIL |= {f"{MOOTHALL.mail.name}_{option}".upper(): value for option, value in MOOTHALL.mail.options}
else:
    EMAIL_BACKEND = "moothall.mailer.signing.SigningBackend"
    EMAIL_HOST = MOOTHALL.mail.host
    EMAIL_PORT = MOOTHALL.mail.port
    EMAIL_HOST_USER = MOOTHALL.mail.user
    EMAIL_HOST_PASSWORD = MOOTHALL.mail.password
    EMAIL_USE_SSL = MOOTHALL.mail.is_tls_from_start
    EMAIL_USE_TLS = MOOTHALL.mail.is_tls_by_command

SESSION_COOKIE_NAME = f"sessionid{MOOTHALL.cookie_ending}"
CSRF_COOKIE_NAME = f"csrftoken{MOOTHALL.cookie_ending}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = MOOTHALL.is_https
CSRF_COOKIE_SECURE = MOOTHALL.is_https
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = MOOTHALL.is_https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if MOOTHALL.is_https else 0
# W005, W021: subdomains and the browsers' preload list are for the domain's owner to decide, not for one site on it.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if MOOTHALL.trusted_proxies else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname:7} {name}: {message}", "style": "{"},
        "json": {"()": "moothall.site.json_log.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": MOOTHALL.log_format}},
    "root": {"handlers": ["stderr"], "level": MOOTHALL.log_level.upper()},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # The request's own line says the status; Django's second one would repeat its path.
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "propagate": True},
        "procrastinate": {"level": "WARNING"},
        # aiosmtpd names the recipients of every mail.
        "mail.log": {"level": "WARNING"},
        # It logs the traceback of each detector that stumbles over a strange mail.
        "flufl.bounce": {"level": "CRITICAL"},
    },
}
