"""Whether pieces of work are traced, how many, and where that goes."""

from pathlib import Path
from typing import Final
from urllib.parse import unquote

from attrs import Attribute, field, frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.secret import Secret
from argo_service.config import checks

NONE: Final = "none"
CONSOLE: Final = "console"
OTLP: Final = "otlp"
_EXPORTERS: Final = (NONE, CONSOLE, OTLP)
_SLOWEST_S: Final = 10.0
_LONGEST_QUEUE: Final = 100_000
_FIX: Final = "write them like Authorization=Bearer%20abc,X-Tenant=argo"


def _exporter(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if value not in _EXPORTERS:
        problem = f"{value[:40]!r} is no exporter"
        raise InvalidInput(attribute.name, problem, f"give {', '.join(_EXPORTERS)}")


def _timeout(_instance: object, attribute: "Attribute[float]", value: float) -> None:
    if not 0 < value <= _SLOWEST_S:
        problem = f"{value} is no time to wait"
        raise InvalidInput(attribute.name, problem, f"give up to {_SLOWEST_S:g} seconds")


def _queue(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if not 0 < value <= _LONGEST_QUEUE:
        problem = f"{value} is out of range"
        raise InvalidInput(attribute.name, problem, f"give 1 to {_LONGEST_QUEUE}")


def _headers(
    _instance: object, attribute: "Attribute[Secret | None]", value: Secret | None
) -> None:
    if value is not None:
        headers_of(value, attribute.name)


def _told(
    _instance: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]
) -> None:
    for each in value:
        checks.url(_instance, attribute, each)  # type: ignore[arg-type]  # for its name alone


def headers_of(secret: Secret, name: str = "headers") -> dict[str, str]:
    """The headers of a text such as `Authorization=Bearer%20abc,X-Tenant=argo`.

    It is written as OpenTelemetry writes it in OTEL_EXPORTER_OTLP_HEADERS.

    Raises:
        InvalidInput: it is no such text; what it says is not repeated, for it holds a secret.
    """
    found: dict[str, str] = {}
    for each in secret.reveal().split(","):
        header, equals, value = (unquote(part.strip()) for part in each.partition("="))
        if not equals or not header.replace("-", "").isalnum() or not value:
            raise InvalidInput(name, "they are not headers", _FIX)
        if not f"{header}{value}".isascii() or not value.isprintable():
            raise InvalidInput(name, "a header cannot travel", "give printable ASCII")
        found[header] = value
    return found


@frozen
class Tracing:
    """Spans go to the exporter `none`, `console` or `otlp`, and then to the `endpoint` over HTTP.

    Of all traces the share `sample` is kept. A batch is given up after `timeout_s`; at most `queue`
    spans wait. `headers` go to the endpoint alone. Calls to the origins in `told` say of which
    trace they are a part; nobody else's do.
    """

    exporter: str = field(default=NONE, validator=_exporter)
    endpoint: str = field(default="http://127.0.0.1:4318/v1/traces", validator=checks.url)
    headers: Secret | None = field(default=None, validator=_headers)
    headers_file: Path | None = None
    timeout_s: float = field(default=2.0, validator=_timeout)
    sample: float = field(default=1.0, validator=checks.fraction)
    queue: int = field(default=2_048, validator=_queue)
    service: str = field(default="argo", validator=checks.ascii_name)
    told: tuple[str, ...] = field(default=(), validator=_told)
