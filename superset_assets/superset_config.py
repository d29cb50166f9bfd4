"""Superset's configuration: in Vietnamese, read-only on the published snapshot, nothing from outside.

Read from the environment:
    SUPERSET_HOME: folder of Superset's own state.
    KPI_SNAPSHOT: the DuckDB file to show, reached through the `current` link.
    KPI_OPEN_DATA: the folder of open data, given to everybody at /open-data/.
    KPI_SECRETS: folder of the generated keys and passwords.
    KPI_SUPERSET_SECRET_KEY: the key that signs sessions; when not given, the one in KPI_SECRETS.
    KPI_SUPERSET_REDIS_URL: Redis for caches and counted requests, which all workers then share; empty: the
        file system, and each worker's memory.
    KPI_SUPERSET_HTTPS: whether a proxy in front ends TLS, and everybody comes through it; no when not given.
    KPI_SUPERSET_DATABASE_URI: SQLAlchemy URI of Superset's own database; empty: SQLite in SUPERSET_HOME.
"""

import hashlib
import hmac
import io
import json
import os
import re
import sys
from codecs import BOM_UTF8
from functools import partial
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, g, has_app_context, redirect, request, session
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.middleware.shared_data import SharedDataMiddleware

_HERE = Path(__file__).resolve().parent
sys.path.append(str(_HERE))
from guard import Guard, is_agency  # noqa: E402

_HOME = Path(os.environ["SUPERSET_HOME"])
_SNAPSHOT = os.environ["KPI_SNAPSHOT"]

# --- Keys and Superset's own database -----------------------------------------------------------------
SECRET_KEY = (
    os.environ.get("KPI_SUPERSET_SECRET_KEY")
    or (Path(os.environ["KPI_SECRETS"]) / "superset_secret_key").read_text().strip()
)
# Superset ships well-known values for these two. The features behind them are off; the values go too.
GUEST_TOKEN_JWT_SECRET = hmac.new(SECRET_KEY.encode(), b"guest", "sha256").hexdigest()
GLOBAL_ASYNC_QUERIES_JWT_SECRET = hmac.new(SECRET_KEY.encode(), b"async", "sha256").hexdigest()

SQLALCHEMY_DATABASE_URI = os.environ.get("KPI_SUPERSET_DATABASE_URI") or f"sqlite:///{_HOME}/superset.db"
if SQLALCHEMY_DATABASE_URI.startswith("sqlite"):
    # An import writes while people read: the others wait for it instead of failing.
    SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30, "check_same_thread": False}}
UPLOAD_FOLDER = f"{_HOME}/uploads/"
CELERY_CONFIG = None

# --- The published snapshot ---------------------------------------------------------------------------


def _snapshot() -> str:
    """The snapshot in force, the same all through one request: its queries and cache keys must agree."""
    if not has_app_context():
        return os.path.realpath(_SNAPSHOT)
    if "kpi_snapshot" not in g:
        g.kpi_snapshot = os.path.realpath(_SNAPSHOT)
    return str(g.kpi_snapshot)


def _open_snapshot(uri: Any, params: dict[str, Any], *_: Any) -> tuple[Any, dict[str, Any]]:
    """Turn any DuckDB address into the snapshot, read-only and closed to every other file of the machine."""
    if uri.drivername.startswith("duckdb"):
        uri = uri.set(database=_snapshot())
        params["connect_args"] = {
            "read_only": True,
            "config": {
                "threads": 2,
                "memory_limit": "1GB",
                "enable_external_access": False,
                "lock_configuration": True,
            },
        }
    return uri, params


def _snapshot_sha256(key: bytes = b"") -> Any:
    """Name a cache entry after the snapshot too, so that a new publication is seen at once.

    The cache's own file counter keeps one name: it counts the entries of every snapshot.
    """
    return hashlib.sha256(key if key == b"__wz_cache_count" else f"{_snapshot()}\n".encode() + key)


DB_CONNECTION_MUTATOR = _open_snapshot
PREVENT_UNSAFE_DB_CONNECTIONS = True

# --- Caches -------------------------------------------------------------------------------------------
_DAY = 24 * 60 * 60
_REDIS = os.environ.get("KPI_SUPERSET_REDIS_URL", "")


def _cache(name: str, seconds: int, *, of_snapshot: bool = False) -> dict[str, Any]:
    """A cache on Redis where there is one; one `of_snapshot` forgets with each publication."""
    if _REDIS:
        prefix = f"superset:{name}:"
        return {
            "CACHE_TYPE": "RedisCache",
            "CACHE_REDIS_URL": _REDIS,
            "CACHE_KEY_PREFIX": (lambda: f"{prefix}{_snapshot()}:") if of_snapshot else prefix,
            "CACHE_DEFAULT_TIMEOUT": seconds,
        }
    return {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": f"{_HOME}/cache/{name}",
        "CACHE_THRESHOLD": 5000,
        "CACHE_DEFAULT_TIMEOUT": seconds,
        "CACHE_OPTIONS": {"hash_method": _snapshot_sha256} if of_snapshot else {},
    }


CACHE_CONFIG = _cache("metadata", 300)
DATA_CACHE_CONFIG = _cache("data", _DAY, of_snapshot=True)
FILTER_STATE_CACHE_CONFIG = _cache("filters", 90 * _DAY)
EXPLORE_FORM_DATA_CACHE_CONFIG = _cache("explore", 7 * _DAY)
DASHBOARD_AUTO_REFRESH_MODE = "fetch"

# --- Language and formats -----------------------------------------------------------------------------
LANGUAGES = {"vi": {"flag": "vn", "name": "Tiếng Việt"}}
BABEL_DEFAULT_LOCALE = "vi"
D3_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}
D3_TIME_FORMAT = {
    "dateTime": "%H:%M %d/%m/%Y",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["SA", "CH"],
    "days": ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"],
    "shortDays": ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
    "months": [f"Tháng {month}" for month in range(1, 13)],
    "shortMonths": [f"Th{month}" for month in range(1, 13)],
}
CURRENCIES = ["VND"]


def _compile_translations() -> Path:
    """Compile `translations/vi.po` for the server (.mo) and the browser (.json): the wheel has neither."""
    with (_HERE / "translations" / "vi.po").open("rb") as source:
        catalog = read_po(source, locale="vi", abort_invalid=True)
    texts = {
        message.id[0] if message.pluralizable else message.id: [message.string[0]]
        if message.pluralizable
        else [message.string]
        for message in catalog
        if message.id
    }
    texts[""] = {"domain": "superset", "lang": "vi", "plural_forms": "nplurals=1; plural=0;"}
    folder = _HOME / "translations" / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    _replace(folder / "messages.mo", compiled.getvalue())
    pack = {"domain": "superset", "locale_data": {"superset": texts}}
    _replace(folder / "messages.json", json.dumps(pack, ensure_ascii=False).encode())
    return folder


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step: several Superset processes start together."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)


_TRANSLATIONS = _compile_translations()
BABEL_TRANSLATION_DIRECTORIES = str(_HOME / "translations")
# Served before Superset looks for them among its own files, to everybody.
ADDITIONAL_MIDDLEWARE = [
    partial(
        SharedDataMiddleware,
        exports={"/open-data/": os.environ["KPI_OPEN_DATA"]},
        disallow=".*",
        cache_timeout=300,
    ),
    partial(
        SharedDataMiddleware,
        exports={
            "/superset/language_pack/vi/": str(_TRANSLATIONS / "messages.json"),
            "/branding/logo.svg": str(_HERE / "branding" / "logo.svg"),
            "/branding/links.js": str(_HERE / "branding" / "links.js"),
        },
        cache_timeout=300,
    ),
]

# --- Looks --------------------------------------------------------------------------------------------
APP_NAME = "Theo dõi chỉ số Chính phủ điện tử"
APP_ICON = "/branding/logo.svg"
FAVICONS = [{"href": "/branding/logo.svg", "type": "image/svg+xml"}]
LOGO_TARGET_PATH = "/"
LOGO_TOOLTIP = "Trang đầu"
LOGO_RIGHT_TEXT = "Chỉ số Chính phủ điện tử"


def _open_on_the_dashboard(app: Flask) -> None:
    """Lead people who have just logged in to their dashboard: Superset's own start page is for analysts.

    Its pages carry the script of `templates`, with which a link keeps what was chosen in the filters.
    """
    app.jinja_loader = ChoiceLoader([FileSystemLoader(_HERE / "templates"), app.jinja_loader])

    @app.before_request
    def lead() -> Any:
        if request.path not in ("/", "/superset/welcome/"):
            return None
        return redirect(f"/superset/dashboard/{'co-quan-toi' if is_agency() else 'tong-quan-quoc-gia'}/")

    @app.before_request
    def ignore_events_of_nobody() -> Any:
        """The log-in page reports events; an answer with a cookie would, coming late, undo the log-in.

        Asking who the user is would already change the cookie.
        """
        is_event = request.path == "/superset/log/"
        return {} if is_event and "_user_id" not in session else None

    @app.before_request
    def keep_colours() -> Any:
        """Browsers offer to store the colours of a dashboard's series; they are in the files."""
        offered = request.method == "PUT" and re.fullmatch(r"/api/v1/dashboard/\d+/colors", request.path)
        return {"result": "unchanged"} if offered else None

    @app.after_request
    def mark_encoding(response: Response) -> Response:
        """Spreadsheets know the encoding of a downloaded file by its mark, which Superset 6.1 leaves out."""
        if response.mimetype == "text/csv" and not response.is_streamed:
            content = response.get_data().removeprefix(BOM_UTF8)
            response.set_data(BOM_UTF8 + content)
        return response


def _know_the_schema() -> None:
    """A snapshot's tables are all in `main`; to ask, Superset would open it once more for each answer."""
    from superset.db_engine_specs.duckdb import DuckDBEngineSpec

    DuckDBEngineSpec.get_default_schema = classmethod(lambda *_: "main")


def _mutate(app: Flask) -> None:
    """What no setting offers."""
    _open_on_the_dashboard(app)
    _know_the_schema()


FLASK_APP_MUTATOR = _mutate
THEME_DEFAULT = {
    "token": {
        "brandAppName": APP_NAME,
        "brandLogoAlt": APP_NAME,
        "brandLogoUrl": APP_ICON,
        "brandLogoHref": LOGO_TARGET_PATH,
        "brandLogoHeight": "32px",
        "brandLogoMargin": "8px 0",
        "brandSpinnerSvg": (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 50 50" width="50" height="50">'
            '<circle cx="25" cy="25" r="20" fill="none" stroke="#E1E7ED" stroke-width="5"/>'
            '<path d="M25 5a20 20 0 0 1 20 20" fill="none" stroke="#0B4F8A" stroke-width="5">'
            '<animateTransform attributeName="transform" type="rotate" from="0 25 25" to="360 25 25" '
            'dur="1s" repeatCount="indefinite"/></path></svg>'
        ),
        "colorPrimary": "#0B4F8A",
        "colorLink": "#0B4F8A",
        "colorSuccess": "#1B7F4D",
        "colorWarning": "#E0A100",
        "colorError": "#C0392B",
        "colorInfo": "#2F7FB8",
        "fontFamily": "Inter, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif",
        "borderRadius": 6,
    },
    "algorithm": "default",
}
THEME_DARK = None
ENABLE_UI_THEME_ADMINISTRATION = False
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "kpi",
        "label": "Chỉ số quốc gia",
        "description": "",
        "isDefault": True,
        "colors": ["#0B4F8A", "#C77700", "#5B7F95", "#1B7F4D", "#7A5C99", "#8A8D91"],
    }
]

# --- Features and protection --------------------------------------------------------------------------
FEATURE_FLAGS = {
    # The page is printed and photographed whole, so every chart is drawn, seen or not.
    "DASHBOARD_VIRTUALIZATION": False,
    "DASHBOARD_RBAC": False,
    "DRILL_BY": False,
    "EMBEDDABLE_CHARTS": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
}
CUSTOM_SECURITY_MANAGER = Guard
_HTTPS = os.environ.get("KPI_SUPERSET_HTTPS", "").lower() in ("1", "true", "yes", "on")
ENABLE_PROXY_FIX = _HTTPS
WTF_CSRF_ENABLED = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = _HTTPS
# A session ends with the working day, whether one logs out or not.
PERMANENT_SESSION_LIFETIME = 12 * 60 * 60
FAB_API_SWAGGER_UI = False
FAB_PASSWORD_COMPLEXITY_ENABLED = True
ENABLE_CORS = False
# One page load is about a hundred requests, and an office may share one address.
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = _REDIS or "memory://"
RATELIMIT_IN_MEMORY_FALLBACK_ENABLED = bool(_REDIS)
RATELIMIT_APPLICATION = "200 per second"
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "20 per minute"
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "default-src": ["'self'"],
        "base-uri": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "worker-src": ["'self'", "blob:"],
        # The score cards are Handlebars templates, which the browser compiles.
        "script-src": ["'self'", "'strict-dynamic'", "'unsafe-eval'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    # The proxy leads people to https.
    "force_https": False,
    "session_cookie_secure": _HTTPS,
}
# What the Handlebars charts and the links between dashboards are written in, beyond plain text.
HTML_SANITIZATION_SCHEMA_EXTENSIONS = {
    "tagNames": ["nav", "svg", "g", "path", "text", "title"],
    "attributes": {
        "*": ["className", "style", "role", "ariaLabel", "title"],
        "a": ["dataAgency", "dataKpi", "dataSystem", "tabIndex"],
        "div": ["tabIndex"],
        "svg": ["viewBox", "x", "y", "width", "height"],
        "path": ["d"],
        "text": ["x", "y"],
    },
}
