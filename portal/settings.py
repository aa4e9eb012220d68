"""Settings, all from the environment. Every variable is listed in docs/operations.md."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from portal import keys

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("PORTAL_VAR", BASE_DIR / "var"))
DEBUG = os.environ.get("PORTAL_DEBUG") == "1"
DEMO = os.environ.get("PORTAL_DEMO") == "1"
SECRET_KEY = keys.load().secret_key
BASE_URL = os.environ.get("PORTAL_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = os.environ.get("PORTAL_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("PORTAL_TRUSTED_ORIGINS", "").split(",") if origin]
IS_HTTPS = BASE_URL.startswith("https://")


def database(url: str) -> dict[str, Any]:
    """Django's settings for a PostgreSQL URL; a socket folder is given as `?host=/folder`."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": query.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c idle_in_transaction_session_timeout=120000 -c TimeZone=UTC", **query},
    }


DATABASES = {"default": database(os.environ["DATABASE_URL"])}
if os.environ.get("DATABASE_OWNER_URL"):
    DATABASES["owner"] = database(os.environ["DATABASE_OWNER_URL"])
DATABASE_ROUTERS = ["portal.routers.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# One setting, two spellings: the cache wants unix://, Celery redis+socket://
REDIS_URL = os.environ["REDIS_URL"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_RESULT_BACKEND = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
# What a killed worker had in hand is given out again after this many seconds, by when no task can still be at it.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900}
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "members.apps.MembersConfig",
    "contacts.apps.ContactsConfig",
    "activities.apps.ActivitiesConfig",
    "checkin.apps.CheckinConfig",
    "unfold.apps.BasicAppConfig",
    "portal.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "guardian",
    "pgtrigger",
    "pghistory",
    "axes",
    "import_export",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.public.PublicPagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.site",
            ]
        },
    }
]

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "portal.backends.GrantBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
PGHISTORY_BASE_MODEL = "portal.history.Event"

# One office shares one address: lock name and address together, for a short time.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_TEMPLATE = "portal/locked_out.html"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

SESSION_COOKIE_AGE = 10 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if os.environ.get("PORTAL_PROXY_HEADER") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {  # unfold's Alpine needs unsafe-eval; public pages replace this by a strict policy
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Scans in a minute at all desks together: a flood ends here, an evening of the whole city does not.
CHECKINS_PER_MINUTE = int(os.environ.get("PORTAL_CHECKINS_PER_MINUTE", "6000"))
REPORT_INS_PER_MINUTE = int(os.environ.get("PORTAL_REPORT_INS_PER_MINUTE", "1200"))  # the same for forms of all points
# How many full numbers one person may see in an hour (portal.limits).
REVEALS_PER_HOUR = int(os.environ.get("PORTAL_REVEALS_PER_HOUR", "30"))

# Exports of more members take a second person, and so does what lies outside one's own office (members.exporting).
EXPORT_ALONE_ROWS = int(os.environ.get("PORTAL_EXPORT_ALONE_ROWS", "200"))
EXPORT_ALONE_MASKED_ROWS = int(os.environ.get("PORTAL_EXPORT_ALONE_MASKED_ROWS", str(EXPORT_ALONE_ROWS)))
EXPORT_ALONE_OUTSIDE = os.environ.get("PORTAL_EXPORT_ALONE_OUTSIDE") == "1"
EXPORT_WAIT_HOURS = int(os.environ.get("PORTAL_EXPORT_WAIT_HOURS", "72"))
EXPORT_FETCH_HOURS = int(os.environ.get("PORTAL_EXPORT_FETCH_HOURS", "24"))

MAX_LEDGER_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_LEDGER_BYTES + 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE  # uploads stay in memory: no temp file of a ledger
LEDGER_INLINE_BYTES = int(os.environ.get("PORTAL_LEDGER_INLINE_BYTES", str(256 * 1024)))
LEDGER_INLINE_ROWS = int(os.environ.get("PORTAL_LEDGER_INLINE_ROWS", "2000"))
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

# E-mail: PORTAL_EMAIL_URL smtp://user:password@host:port (smtps:// for TLS); without it the mails are files (demo).
MAIL_DIR = VAR_DIR / "mails"
DEFAULT_FROM_EMAIL = os.environ.get("PORTAL_EMAIL_FROM", "youjia@example.invalid")
_mail = urlsplit(os.environ.get("PORTAL_EMAIL_URL", ""))
if _mail.scheme:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 25)
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAIL_DIR

# Robots of work groups: the hosts that the portal may speak to (host, or host:port), with commas. Inner ones lie in the
# operator's own network, like 政务微信 and 专有钉钉 do; all others must have public addresses.
ROBOT_HOSTS = os.environ.get("PORTAL_ROBOT_HOSTS", "qyapi.weixin.qq.com").lower().replace(",", " ").split()
ROBOT_INNER_HOSTS = os.environ.get("PORTAL_ROBOT_INNER_HOSTS", "").lower().replace(",", " ").split()
ROBOT_CA_FILE = os.environ.get("PORTAL_ROBOT_CA_FILE", "")  # of a network with certificates of its own

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

from portal.theme import UNFOLD  # noqa: E402, F401
