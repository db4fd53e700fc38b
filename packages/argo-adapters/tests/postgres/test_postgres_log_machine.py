"""Hypothesis drives the log on PostgreSQL and the fake side by side."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles
from argo_core.testing.entries import LOG
from argo_core.testing.fake_signer import FakeSigner
from argo_core.testing.indexed_log import IndexedLog
from argo_core.testing.log_machine import LogMachine

EXAMPLES = max(6, (settings.default or settings()).max_examples // 10)


class PostgresMachine(LogMachine):
    roles: ClassVar[Roles]
    superuser_url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        asyncio.run(self._empty())

    def opened(self) -> AbstractAsyncContextManager[IndexedLog]:
        return PostgresLog.open(
            self.roles.app_url, FakeSigner(LOG), owner_url=self.roles.owner_url, call_s=20
        )

    async def _empty(self) -> None:
        async with connected(address_of(self.superuser_url), call_s=20) as superuser:
            await superuser.execute("DROP SCHEMA IF EXISTS record, reading CASCADE")


def test_postgres_answers_like_the_fake(
    roles: Roles, superuser_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgresMachine, "roles", roles, raising=False)
    monkeypatch.setattr(PostgresMachine, "superuser_url", superuser_url, raising=False)
    run_state_machine_as_test(
        PostgresMachine, settings=settings(max_examples=EXAMPLES, stateful_step_count=30)
    )
