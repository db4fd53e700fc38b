"""Every operation of the description asked with drawn requests: nothing breaks, all answers fit."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import schemathesis
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from alpine_service.api.route import Door, Route
from alpine_service.api.routes import ROUTES
from alpine_service.domain.accounts.role import Role
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.stored_signals import a_signal, store
from alpine_service.testing.whole_service import Headers, WholeService, whole_service

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# So many drawn requests for each operation, asker and mode; the whole is to take half a minute.
EXAMPLES = 2
PATIENCE_S = 10
# Each request from another address, so that the limit for strangers is another test's matter.
_numbers = itertools.count()


def address() -> str:
    number = next(_numbers)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


async def askers(service: WholeService, route: Route, number: int) -> list[Headers]:
    """Those whom the route lets in: a stranger, or somebody new with a session and with a key."""
    if route.access.door is Door.OPEN:
        return [{}]
    role = route.access.role
    user = await service.person(f"usr_{number}", role, plan="pro")
    session = await service.session(user, second_factor=role is not Role.SUBSCRIBER)
    if route.access.scope is None:
        return [session]
    return [session, await service.key(user, route.access.scope)]


def ask_all(schema: Any, url: str, route: Route, who: list[Headers]) -> list[str]:
    """Ask one operation; what was wrong with its answers. Runs in a thread, because it blocks."""
    operation = schema[route.path][route.method]
    wrong: list[str] = []
    for headers in who:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                assert _ask(url, operation, headers, mode), "nothing was asked"
            except Unsatisfiable:
                # Of an operation without parameters and body nothing can be wrong.
                assert mode is GenerationMode.NEGATIVE
            except (FailureGroup, AssertionError) as failure:
                inside = getattr(failure, "exceptions", (failure,))
                wrong += [f"{route.method} {route.path}: {each}" for each in inside]
    return wrong


def _ask(url: str, operation: Any, headers: Headers, mode: GenerationMode) -> int:
    count = 0

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        nonlocal count
        count += 1
        case.call_and_validate(
            base_url=url,
            headers={**headers, "X-Forwarded-For": address()},
            checks=CHECKS,
            timeout=PATIENCE_S,
        )

    run: Callable[[], None] = ask
    run()
    return count


async def test_whatever_is_asked_nothing_breaks_and_every_answer_is_as_described(
    database: TestDatabase, tmp_path: Path
) -> None:
    observer = FakeObserver()
    async with whole_service(database, tmp_path / "alpine", observer, ("127.0.0.1",)) as service:
        await store(database.app, [a_signal(index) for index in range(3)])
        async with TestServer(service.app) as server:
            url = str(server.make_url("")).rstrip("/")
            schema = await asyncio.to_thread(
                schemathesis.openapi.from_url, f"{url}/v1/openapi.json"
            )
            wrong: list[str] = []
            for number, route in enumerate(ROUTES):
                # A stream has no end; its own tests listen to it.
                if not route.is_stream:
                    who = await askers(service, route, number)
                    wrong += await asyncio.to_thread(ask_all, schema, url, route, who)

    assert not wrong, "\n\n".join(wrong)
    assert "http.failed" not in observer.names()
