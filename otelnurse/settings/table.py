"""All settings of a nurse: the single source for reading them, for ``otelnurse settings`` and for docs/settings.md.

What the environment of OpenTelemetry (``OTEL_*``) says stands in ``otelnurse.settings.otel``.
"""

from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from otelnurse.settings import kind
from otelnurse.settings.kind import Kind, one_of
from otelnurse.settings.values import AliveStatus, LogFormat, LogLevel, MetricsPath

T = TypeVar("T")
OWN_PREFIX = "OTELNURSE_"
KUBENURSE_PREFIX = "KUBENURSE_"


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One thing that can be set."""

    name: str
    """Without its prefix, in capitals; in small letters it is the field of ``Settings``."""
    kind: Kind[T]
    default: str
    """As one would write it into the variable; empty: nothing, or what ``default_words`` says."""
    description: str
    alias: str | None = None
    """The other variable that is read, with kubenurse's leniency, when ours is not set."""
    default_words: str = ""
    """Where the default comes from, when it is worked out."""

    @property
    def variable(self) -> str:
        """Its own name in the environment."""
        return OWN_PREFIX + self.name

    @property
    def field(self) -> str:
        """Its name among the fields of ``Settings``."""
        return self.name.lower()

    @property
    def default_value(self) -> T:
        """The default as a value."""
        return self.kind.parse(self.default)


AnySetting: TypeAlias = Setting[Any]
"""A setting among others, where it does not matter what it holds."""


def _shared(name: str, of_kind: Kind[T], default: str, description: str, default_words: str = "") -> Setting[T]:
    """Make a setting that kubenurse has too."""
    return Setting(name, of_kind, default, description, KUBENURSE_PREFIX + name, default_words)


def _injected(name: str, of_kind: Kind[T], default: str, description: str) -> Setting[T]:
    """Make a setting whose other name is what Kubernetes puts into every container."""
    return Setting(name, of_kind, default, description, name)


INGRESS_URL = _shared("INGRESS_URL", kind.BASE_URL, "", "Where the ingress answers for the nurse; asked by me_ingress.")
SERVICE_URL = _shared("SERVICE_URL", kind.BASE_URL, "", "Where the service answers for it; asked by me_service.")
INSECURE = _shared("INSECURE", kind.OFF, "false", "A certificate's fault is reported and fails no check.")
EXTRA_CA = _shared("EXTRA_CA", kind.PATH, "", "PEM file of certificate authorities trusted besides the system's.")
NAMESPACE = _shared(
    "NAMESPACE",
    kind.TEXT,
    "",
    "The Kubernetes namespace of the nurses.",
    "the file `namespace` of the service account, else empty",
)
NEIGHBOUR_FILTER = _shared(
    "NEIGHBOUR_FILTER",
    kind.TEXT,
    "app.kubernetes.io/name=otelnurse",
    "Label selector of the nurses' pods; no source reads it yet.",
)
NEIGHBOUR_LIMIT = _shared("NEIGHBOUR_LIMIT", kind.COUNT, "10", "How many neighbours are asked; 0: all of them.")
ALLOW_UNSCHEDULABLE = _shared(
    "ALLOW_UNSCHEDULABLE",
    kind.OFF,
    "false",
    "Neighbours on unschedulable nodes are asked too; no source tells such nodes apart yet.",
)
CHECK_API_SERVER_DIRECT = _shared(
    "CHECK_API_SERVER_DIRECT", kind.ON, "true", "Ask the API server at its service address."
)
CHECK_API_SERVER_DNS = _shared("CHECK_API_SERVER_DNS", kind.ON, "true", "Ask the API server by its name.")
CHECK_ME_INGRESS = _shared("CHECK_ME_INGRESS", kind.ON, "true", "Ask for oneself through the ingress.")
CHECK_ME_SERVICE = _shared("CHECK_ME_SERVICE", kind.ON, "true", "Ask for oneself through the service.")
CHECK_NEIGHBOURHOOD = _shared("CHECK_NEIGHBOURHOOD", kind.ON, "true", "Ask the neighbours.")
CHECK_INTERVAL = _shared("CHECK_INTERVAL", kind.POSITIVE, "5s", "From the start of one round to that of the next.")
CHECK_TIMEOUT = Setting("CHECK_TIMEOUT", kind.POSITIVE, "5s", "What one check may take in all, redirects included.")
REUSE_CONNECTIONS = _shared("REUSE_CONNECTIONS", kind.OFF, "false", "Connections are kept from one round to the next.")
HISTOGRAM_BUCKETS = _shared(
    "HISTOGRAM_BUCKETS",
    kind.BUCKETS,
    "0.0005,0.001,0.0025,0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5,10",
    "Upper bounds of the histogram of durations; kubenurse's, and three below, since a healthy path takes 0.4 ms.",
)
VICTORIAMETRICS_HISTOGRAM = _shared(
    "VICTORIAMETRICS_HISTOGRAM", kind.OFF, "false", "31 fine bounds from 0.1 ms to 10 s in place of those above."
)
EXPOSE_METADATA = _shared(
    "EXPOSE_METADATA",
    kind.OFF,
    "false",
    "Understood for kubenurse's sake; has no effect: `/alive` always says all it knows.",
)
EXTRA_CHECKS = _shared("EXTRA_CHECKS", kind.EXTRA_CHECKS, "", "Further URLs to ask, each under its name.")
SHUTDOWN_DURATION = _shared(
    "SHUTDOWN_DURATION",
    kind.NOT_NEGATIVE,
    "5s",
    "What a clean stop takes at most, last export included; most of it is spent answering whoever still asks.",
)
USE_TLS = _shared("USE_TLS", kind.OFF, "false", "Serve HTTPS too, and ask the neighbours by HTTPS.")
CERT_FILE = _shared("CERT_FILE", kind.PATH, "", "PEM file of the certificate for HTTPS; read again when it changes.")
CERT_KEY = _shared("CERT_KEY", kind.PATH, "", "PEM file of its key, without a passphrase.")
KUBERNETES_SERVICE_HOST = _injected(
    "KUBERNETES_SERVICE_HOST", kind.HOST, "", "Host of the API server; asked by api_server_direct."
)
KUBERNETES_SERVICE_PORT = _injected("KUBERNETES_SERVICE_PORT", kind.PORT, "443", "Port of the API server.")
KUBERNETES_SERVICE_DNS = _injected(
    "KUBERNETES_SERVICE_DNS",
    kind.HOST_NAME,
    "kubernetes.default.svc.cluster.local",
    "Name of the API server; asked by api_server_dns.",
)
SERVICE_ACCOUNT_DIR = Setting(
    "SERVICE_ACCOUNT_DIR",
    kind.FOLDER,
    "/var/run/secrets/kubernetes.io/serviceaccount",
    "Where `token`, `ca.crt` and `namespace` are.",
)
DISCOVERY = Setting("DISCOVERY", kind.DISCOVERY, "none", "Who the neighbours are; a list falls back left to right.")
NODE_NAME = Setting(
    "NODE_NAME", kind.NODE, "", "The node this nurse is on, as the neighbours know it.", default_words="the host name"
)
POD_NAME = Setting("POD_NAME", kind.TEXT, "", "The pod this nurse is.", default_words="the host name")
POD_UID = Setting("POD_UID", kind.OPTIONAL_TEXT, "", "Its uid.")
CLUSTER_NAME = Setting("CLUSTER_NAME", kind.OPTIONAL_TEXT, "", "`k8s.cluster.name` of spans and metrics.")
ZONE = Setting("ZONE", kind.OPTIONAL_TEXT, "", "`cloud.availability_zone` of spans and metrics.")
HTTP_ADDRESS = Setting("HTTP_ADDRESS", kind.ADDRESS, "[::]:8080", "Where HTTP is served; `[::]` is both families.")
HTTPS_ADDRESS = Setting("HTTPS_ADDRESS", kind.ADDRESS, "[::]:8443", "Where HTTPS is served, with USE_TLS.")
TLS_SERVER_NAME = Setting(
    "TLS_SERVER_NAME", kind.HOST, "", "The name that neighbours' certificates are held to, dialled by IP."
)
FOLLOW_REDIRECTS = Setting("FOLLOW_REDIRECTS", kind.ON, "true", "me_ingress and extra checks follow up to 5 redirects.")
TRACES_RATIO = Setting(
    "TRACES_RATIO",
    kind.RATIO,
    "1",
    "The share of checks, by trace id, whose trace is recorded and sent; failed ones outside it are not.",
)
_METRICS: Kind[MetricsPath] = one_of("scrape", "otlp", "both")
METRICS = Setting("METRICS", _METRICS, "both", "How metrics leave: served at `/metrics`, pushed by OTLP, or both.")
_ALIVE_STATUS: Kind[AliveStatus] = one_of("strict", "always200")
ALIVE_STATUS = Setting(
    "ALIVE_STATUS", _ALIVE_STATUS, "strict", "`/alive` is 500 when not all is well, or 200 as in kubenurse."
)
TRACE_URL = Setting(
    "TRACE_URL",
    kind.TRACE_URL,
    "",
    "Where a trace can be looked at; `/ui/` links there, its id put in.",
)
_LOG_FORMAT: Kind[LogFormat] = one_of("text", "json")
LOG_FORMAT = Setting("LOG_FORMAT", _LOG_FORMAT, "text", "Log lines for people, or one JSON object per line.")
_LOG_LEVEL: Kind[LogLevel] = one_of("debug", "info", "warning", "error")
LOG_LEVEL = Setting("LOG_LEVEL", _LOG_LEVEL, "info", "The least important level that is logged.")

SETTINGS: tuple[AnySetting, ...] = tuple(value for value in [*globals().values()] if isinstance(value, Setting))
"""All of the above, in their order."""
BY_VARIABLE = {variable: setting for setting in SETTINGS for variable in (setting.variable, setting.alias) if variable}
"""Settings by every name they have in the environment."""
