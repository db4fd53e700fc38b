"""Roles, leases and fences as metrics and as lines of the log."""

import logging

import pytest

from argo_adapters.observers.event_log import level_of
from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_core.events import Event, FencedOff, LeaseFailed, RoleChanged
from argo_core.resilience.lease_table import Role
from argo_core.testing.fake_clock import BEGINNING as AT


def changed(before: Role, after: Role, fence: int | None = None) -> RoleChanged:
    return RoleChanged(AT, before, after, 7, fence, "a test")


def lines_of(*told: Event) -> set[str]:
    metrics = PrometheusMetrics()
    for event in told:
        metrics.notice(event)
    return set(metrics.exposition(trading=False, openmetrics=False).decode().splitlines())


def test_the_role_that_a_process_has_is_one_and_the_others_are_none() -> None:
    lines = lines_of(
        changed(Role.STANDBY, Role.TAKING_OVER), changed(Role.TAKING_OVER, Role.PUBLISHING, 3)
    )
    roles = {line for line in lines if line.startswith("argo_role{")}
    assert {line for line in roles if line.endswith(" 1.0")} == {'argo_role{role="publishing"} 1.0'}
    assert len(roles) == len(Role)
    assert {"argo_fence 3.0", "argo_lease_token 7.0"} <= lines
    assert 'argo_role_changes_total{role="taking_over"} 1.0' in lines


def test_whoever_writes_no_more_has_no_fence() -> None:
    lines = lines_of(
        changed(Role.TAKING_OVER, Role.PUBLISHING, 3),
        FencedOff(AT, "lease 4 was taken after 3"),
        changed(Role.PUBLISHING, Role.LOST),
        LeaseFailed(AT, "no answer"),
    )
    counted = {"argo_fenced_writes_total 1.0", "argo_lease_failures_total 1.0"}
    assert {"argo_fence 0.0", *counted} <= lines


@pytest.mark.parametrize(
    ("event", "level"),
    [
        (changed(Role.STANDBY, Role.TAKING_OVER), logging.INFO),
        (changed(Role.PUBLISHING, Role.LOST), logging.ERROR),
        (FencedOff(AT, "x"), logging.ERROR),
        (LeaseFailed(AT, "x"), logging.WARNING),
    ],
)
def test_what_needs_somebody_is_louder(event: Event, level: int) -> None:
    assert level_of(event) == level
