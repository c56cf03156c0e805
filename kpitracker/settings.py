"""All settings. They are read from environment variables; docs/settings.md lists each variable with its default."""

import os
from datetime import timedelta

from django.templatetags.static import static

from kpitracker import variables
from kpitracker.env import ROOT, StartRefused, broker_socket, data_dir, get_or_create_secret, web_port

ENVIRONMENT = variables.read_choice("ENVIRONMENT", ("local", "production"), "local")
PRODUCTION = ENVIRONMENT == "production"

BASE_DIR = ROOT
DATA_DIR = data_dir()
PORT = web_port()
DEMO = variables.read_flag("DEMO", True)
DEBUG = variables.read_flag("DEBUG")
ACCESS_LOG = variables.read_flag("ACCESS_LOG")
variables.read_flag("NEW_SECRETS")  # kpitracker.env reads it, before packages are there
WEB_WORKERS = variables.read_integer("WEB_WORKERS", 2, 1, 64)
WEB_THREADS = variables.read_integer("WEB_THREADS", 4, 1, 64)


def _load_secret(name: str) -> str:
    """Read a secret from the environment. Outside production one is generated once and kept in the data folder."""
    value = os.environ.get(name, "")
    if PRODUCTION or value != value.strip():
        variables.check_secret(name, value)
    return value or get_or_create_secret(name.lower())


SECRET_KEY = _load_secret("SECRET_KEY")
KEY_PEPPER = _load_secret("KEY_PEPPER")
OLD_KEY_PEPPERS = variables.read_list("OLD_KEY_PEPPERS")

ALLOWED_HOSTS = variables.read_hosts(
    "ALLOWED_HOSTS", [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver"]
)
CSRF_TRUSTED_ORIGINS = variables.read_origins("CSRF_TRUSTED_ORIGINS")
SECURE_HSTS_SECONDS = variables.read_integer("SECURE_HSTS_SECONDS", 31_536_000, 0, 2**31)
if not PRODUCTION:
    SECURE_HSTS_SECONDS = 0
else:
    if SECRET_KEY == KEY_PEPPER:
        raise StartRefused("SECRET_KEY and KEY_PEPPER must be different when ENVIRONMENT=production.")
    if DEBUG:
        raise StartRefused("DEBUG must be off when ENVIRONMENT=production.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise StartRefused("ALLOWED_HOSTS must name the hosts when ENVIRONMENT=production.")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True

# Networks of proxies whose `Forwarded` header (RFC 7239) is trusted; `X-Forwarded-*` is never trusted.
TRUSTED_PROXIES = variables.read_networks(
    "TRUSTED_PROXIES", ["127.0.0.0/8", "::1/128"] if variables.read_flag("BEHIND_PROXY") else []
)
if PRODUCTION and not TRUSTED_PROXIES:
    raise StartRefused("BEHIND_PROXY or TRUSTED_PROXIES must be set when ENVIRONMENT=production: it needs https.")
HTTPS_REQUIRED = PRODUCTION
# The API rejects plain http instead of redirecting, because clients repeat a redirected POST as GET. Health probes and
# metrics are called over plain http.
SECURE_REDIRECT_EXEMPT = [r"^api(/|$)", r"^health/", r"^metrics"]
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "kpitracker.lib.http.error_pages.csrf_failure"

INSTALLED_APPS = [
    "kpitracker.lib",
    "indicators",
    "targets",
    "tasks",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "indicators.apps.ProjectAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "tree_queries",
    "django_filters",
    "axes",
    "rest_framework",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "kpitracker.lib.http.request_context.RequestContextMiddleware",
    "kpitracker.lib.http.compression.PageCompressionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # Before any body is read.
    "kpitracker.lib.http.slow_bodies.SlowBodyMiddleware",
    # Rejects keys in URLs, plain http and bodies that are too long, before authentication; needs the language only.
    "kpitracker.lib.http.request_guard.RequestGuardMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "indicators.accounts.upload_middleware.UploadPermissionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

# Requests of public pages a minute and address: they need no login.
PUBLIC_RATE = 120
ROOT_URLCONF = "kpitracker.urls"
WSGI_APPLICATION = "kpitracker.wsgi.application"
# With APPEND_SLASH clients would repeat a POST without a slash as GET: they would get a 200, and the figure would be
# lost.
APPEND_SLASH = False
AUTH_USER_MODEL = "indicators.User"
LOGIN_URL = "admin:login"
# The first page after the login: the board; of users who report figures and write no plans, their own work.
LOGIN_REDIRECT_URL, REPORTER_REDIRECT_URL = "start", "work"
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
            ]
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# Ten failed logins of one name from one address lock out this pair, not the same name from other addresses.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "kpitracker.lib.http.request_context.client_ip"
AXES_LOCKOUT_CALLABLE = "indicators.accounts.lockout.lockout_response"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

_database = variables.read_database("DATABASE_URL", DATA_DIR / "kpitracker.sqlite3")
# Django's default of 0 opens a connection for every request. Measured: small requests take 22 times as long on
# PostgreSQL, and 1.7 ms more on SQLite.
_database |= {"CONN_MAX_AGE": variables.read_integer("CONN_MAX_AGE", 600, 0, 86400), "CONN_HEALTH_CHECKS": True}
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # One thread has the turn, one stays free for readers and probes; the others may wait for a long writer.
    _database |= {
        "ENGINE": "kpitracker.lib.db.sqlite",
        "OPTIONS": {"waiting_writers": max(WEB_THREADS - 2, 0)} | _database.get("OPTIONS", {}),  # type: ignore[operator]
    }
DATABASES = {"default": _database}
# For tests: allow a database that may lose committed rows in a power failure.
UNSAFE_DATABASE = variables.read_flag("UNSAFE_DATABASE")
if PRODUCTION and UNSAFE_DATABASE:
    raise StartRefused("UNSAFE_DATABASE must be off when ENVIRONMENT=production.")

REDIS_URL = variables.read_broker_url("REDIS_URL", f"unix://{broker_socket()}")
# Celery expects another URL format for a Unix socket and for the number of the database.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A task that was lost with its worker is redelivered after the visibility timeout; the sweep does its work earlier.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300, "socket_timeout": 2, "socket_connect_timeout": 2}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SOFT_TIME_LIMIT = 54
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE = variables.read_time_zone("TIME_ZONE", "Asia/Ho_Chi_Minh")
# By default Celery closes the database connection after every task, which is three times slower.
CELERY_DB_REUSE_MAX = 1000
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
_sweep_seconds = variables.read_seconds("SWEEP_SECONDS", 10, 0.1, 60)
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "tasks.sweep.sweep", "schedule": _sweep_seconds}}

LANGUAGE_CODE = variables.read_choice("LANGUAGE_CODE", ("vi", "en"), "vi")
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
USE_TZ = True
FORMAT_MODULE_PATH = "kpitracker.formats"
# For what ignores the formats of the language, such as the filters of lists: Django's own read 05/11 as 11 May.
DATE_INPUT_FORMATS = ["%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y"]
DATETIME_INPUT_FORMATS = [f"{day} {time}" for day in DATE_INPUT_FORMATS for time in ("%H:%M:%S", "%H:%M")]
LOCALE_PATHS = [BASE_DIR / "kpitracker/locale"]  # Vietnamese for the pages of the admin

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Hashed names need `collectstatic`, which a production deployment runs; elsewhere files come from the packages.
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

HOME_AREA = variables.read_text("HOME_AREA")
PUBLIC_URL = variables.read_web_url("PUBLIC_URL", f"http://127.0.0.1:{PORT}")

# E-mail: files in the data folder unless EMAIL_URL names an SMTP server.
EMAIL_FILE_PATH = str(DATA_DIR / "emails")
EMAIL_BACKEND = "kpitracker.lib.outbound.mail_files.EmailBackend"
vars().update(variables.read_mail_server("EMAIL_URL"))
EMAIL_TIMEOUT = 5
# Mail in files reaches no reader: production says so in /health/ready.
MAIL_IN_FILES = EMAIL_BACKEND.endswith("mail_files.EmailBackend")
# Webhook receivers in the private network: names, addresses, networks. For these http and any port are allowed.
WEBHOOK_ALLOWED_HOSTS = [host.strip("[]").lower() for host in variables.read_list("WEBHOOK_ALLOWED_HOSTS")]
for _host in WEBHOOK_ALLOWED_HOSTS:
    if "/" in _host or ":" in _host:
        variables.check_network("WEBHOOK_ALLOWED_HOSTS", _host)
# Apprise URLs of chat rooms by name: "leaders=slack://…, press=tgram://…". These URLs are secrets.
CHAT_PLACES = {
    name.strip(): url.strip() for name, _, url in (entry.partition("=") for entry in variables.read_list("CHAT_PLACES"))
}
if not all(name and "://" in url for name, url in CHAT_PLACES.items()):
    raise StartRefused("CHAT_PLACES: name=scheme://… is expected, several with commas between them.")
# Called once a minute after a sweep that completed without errors: a monitor that misses the call reports that alerting
# has stopped.
HEARTBEAT_URL = variables.read_web_url("HEARTBEAT_URL")
# Receives the last digest of the audit log once a day.
AUDIT_EMAIL = variables.read_email("AUDIT_EMAIL")
# Receives the alerts for which no contact is found.
ALERT_EMAIL = variables.read_email("ALERT_EMAIL")
if PRODUCTION and not os.environ.get("EMAIL_URL"):
    raise StartRefused(
        "EMAIL_URL must name the mail server when ENVIRONMENT=production; with EMAIL_URL=file: alerts only become "
        "files in DATA_DIR/emails, which no one receives."
    )
if PRODUCTION and not ALERT_EMAIL:
    raise StartRefused(
        "ALERT_EMAIL must be set when ENVIRONMENT=production: it gets the alerts of departments without a contact."
    )
ACTION_REMINDER_DAYS = variables.read_integer("ACTION_REMINDER_DAYS", 3, 0, 366)
DEFAULT_FROM_EMAIL = variables.read_sender("DEFAULT_FROM_EMAIL", "kpitracker@localhost")

DEFAULT_BODY_LIMIT = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = DEFAULT_BODY_LIMIT
# Synchronous batches of figures: 50,000 rows take up to 10 MB.
BODY_LIMIT_BY_PATH = {"/api/v1/measurements/batch/": 16 * 1024 * 1024}
# With `Prefer: respond-async` batches are streamed to disk.
UPLOAD_LIMITS = {"/api/v1/measurements/batch/": 100 * 1024 * 1024}
# Pages that take a file from users who are logged in. The form adds up to 64 KB to the size of the file.
ADMIN_UPLOAD_LIMITS = dict.fromkeys(("/admin/indicators/import/upload/", "/my-work/files/"), 100 * 1024 * 1024)
MULTIPART_OVERHEAD = 64 * 1024
# The folder where long batches wait. Web servers and workers on several machines must share it.
UPLOADS_DIR = str(variables.read_folder("UPLOADS_DIR", DATA_DIR / "uploads"))
# Uploaded files go straight to disk beside the batches, so that 100 MB fill neither the memory nor a /tmp on tmpfs.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = UPLOADS_DIR

UNFOLD = {
    "SITE_TITLE": "kpitracker",
    "SITE_HEADER": "kpitracker",
    "SITE_SYMBOL": "flag",
    # Without it browsers request /favicon.ico, which does not exist.
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("indicators/flag.svg")}],
    "STYLES": [lambda _: static("indicators/admin.css")],
    "SCRIPTS": [lambda _: static("indicators/field_names.js")],
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "targets.admin.start_page.add_attention",
    "SIDEBAR": {"show_search": True, "navigation": "targets.admin.menu.build_navigation"},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["indicators.api.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["indicators.api.permissions.ScopePermission"],
    "DEFAULT_RENDERER_CLASSES": ["kpitracker.lib.rest.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kpitracker.lib.rest.strict_json.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kpitracker.lib.rest.renderers.Negotiation",
    "DEFAULT_PAGINATION_CLASS": "kpitracker.lib.rest.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["kpitracker.lib.rest.filters.StrictFilterBackend"],
    "DEFAULT_METADATA_CLASS": "kpitracker.lib.rest.metadata.Metadata",
    "DEFAULT_SCHEMA_CLASS": "kpitracker.lib.rest.openapi.Schema",
    "EXCEPTION_HANDLER": "kpitracker.lib.rest.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
DRF_STANDARDIZED_ERRORS = {"EXCEPTION_FORMATTER_CLASS": "kpitracker.lib.rest.problems.ProblemFormatter"}
SPECTACULAR_SETTINGS = {
    "TITLE": "kpitracker",
    "DESCRIPTION": (
        "Plans, targets, figures and the assessment of each target.\n\n"
        'Send a key: `Authorization: Bearer kpi_<prefix>_<secret>`. Decimals are strings without an exponent (`"7.5"`), '
        "periods are codes (`2024`, `2024-Q3`, `2024-01/2024-07`), days `YYYY-MM-DD`. Unknown fields and parameters "
        "are errors; every error is an `application/problem+json` document. A target's id is "
        "`<plan>:<indicator>:<area>`, followed by `:<period>` if the period differs from that of the plan; in it `/` is "
        "written as `--`."
    ),
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["kpitracker.lib.rest.openapi.document_answers", "kpitracker.api.examples.add_examples"],
}

LOG_LEVEL = variables.read_choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "kpitracker.lib.logs.OneLineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # 4xx responses are the caller's concern: the problem+json body says what was wrong.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        # Its lines hide name and address; kpitracker.refusals has both.
        "axes": {"level": "ERROR"},
        "kpitracker.refusals": {"level": "WARNING"},
        "kpitracker.access": {"level": "INFO"},
    },
}
for _folder in (DATA_DIR / "emails", DATA_DIR / "refusals", STATIC_ROOT):
    _folder.mkdir(exist_ok=True)
