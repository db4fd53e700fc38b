"""Spans of single HTTP calls, without what their addresses hide."""

from collections.abc import Collection
from types import SimpleNamespace
from typing import Final

import aiohttp
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from yarl import URL

from argo_core.codec.traceparent import TraceParent

_HEADER: Final = "traceparent"
_BAD: Final = 400


def http_spans(tracer: trace.Tracer, told: Collection[str] = ()) -> aiohttp.TraceConfig:
    """A span for each call of a session; only the origins in `told` learn of which trace.

    Vendors have no business with our traces, and a query may hold a key: of an address scheme,
    host, port and path are kept.
    """
    origins = frozenset(URL(each).origin() for each in told)

    async def begin(
        _session: aiohttp.ClientSession,
        call: SimpleNamespace,
        asked: aiohttp.TraceRequestStartParams,
    ) -> None:
        call.span = span = tracer.start_span(
            asked.method,
            kind=SpanKind.CLIENT,
            attributes={
                "http.request.method": asked.method,
                "server.address": asked.url.host or "",
                "server.port": asked.url.port or 0,
                "url.full": str(without_query(asked.url)),
            },
        )
        if asked.url.origin() in origins:
            here = span.get_span_context()
            parent = TraceParent(here.trace_id, here.span_id, here.trace_flags.sampled)
            asked.headers[_HEADER] = str(parent)

    async def end(
        _session: aiohttp.ClientSession, call: SimpleNamespace, asked: aiohttp.TraceRequestEndParams
    ) -> None:
        call.span.set_attribute("http.response.status_code", asked.response.status)
        if asked.response.status >= _BAD:
            call.span.set_status(Status(StatusCode.ERROR))
        call.span.end()

    async def fail(
        _session: aiohttp.ClientSession,
        call: SimpleNamespace,
        asked: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        # By its class alone: its text has the whole address.
        call.span.set_attribute("error.type", type(asked.exception).__name__)
        call.span.set_status(Status(StatusCode.ERROR))
        call.span.end()

    config = aiohttp.TraceConfig()
    config.on_request_start.append(begin)
    config.on_request_end.append(end)
    config.on_request_exception.append(fail)
    return config


def without_query(url: URL) -> URL:
    """The address without user, password, query and fragment."""
    return url.with_user(None).with_query(None).with_fragment(None)
