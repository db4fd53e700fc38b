"""What the operator sees, on an address that nobody else reaches: health in full, and metrics."""

from collections.abc import Mapping
from typing import Protocol

import orjson
from aiohttp import web
from attrs import frozen

from alpine_service.api.meta_routes import VERSION
from alpine_service.api.unheard import UNHEARD
from alpine_service.ports.health import Condition, Finding, Level
from alpine_service.services.health import Health

# The probe that knows since when we run.
_LOOP = "loop"
_NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Written(Protocol):
    """Metrics in one format."""

    @property
    def text(self) -> bytes: ...

    @property
    def content_type(self) -> str: ...


class Shows(Protocol):
    """Metrics, as they are read."""

    def found(self, findings: Mapping[str, Finding]) -> None:
        """Show what probes found."""
        ...

    def written(self, accept: str) -> Written:
        """All of it, in a format that the reader accepts."""
        ...


@frozen
class About:
    """Which of several instances answers, and what it runs."""

    version: str = VERSION
    build: str = "unknown"
    instance: str = "alpine"


def build_internal_app(health: Health, metrics: Shows, about: About = About()) -> web.Application:
    """`/health?level=live|ready|deep` and `/metrics`."""

    async def how(request: web.Request) -> web.Response:
        try:
            level = Level(request.query.get("level", Level.DEEP))
        except ValueError:
            return web.json_response({"problem": f"level is one of {', '.join(Level)}"}, status=400)
        report = await health.report(level)
        body = {
            "status": report.condition,
            "service": "alpine",
            "version": about.version,
            "build": about.build,
            "instance": about.instance,
            # A loop that is stuck is the last to tell.
            "uptime_s": report.findings.get(_LOOP, Finding()).facts.get("uptime_s"),
            "level": level,
            "probes": {
                name: {
                    "status": finding.condition,
                    **({"problem": finding.problem} if finding.problem else {}),
                    **finding.facts,
                }
                for name, finding in report.findings.items()
            },
        }
        status = 503 if report.condition is Condition.DOWN else 200
        return web.Response(
            status=status,
            body=orjson.dumps(body),
            content_type="application/json",
            headers=_NO_STORE,
        )

    async def shown(request: web.Request) -> web.Response:
        report = await health.report(Level.DEEP)
        metrics.found(report.findings)
        written = metrics.written(request.headers.get("Accept", ""))
        headers = _NO_STORE | {"Content-Type": written.content_type}
        return web.Response(body=written.text, headers=headers)

    app = web.Application(handler_args={"access_log": None, "logger": UNHEARD})
    app.router.add_get("/health", how)
    app.router.add_get("/metrics", shown)
    return app
