"""The fixed TTLs."""

import pytest

from argo_core.errors import InvalidInput
from argo_core.market.instrument import instrument
from argo_core.market.session import Phase
from argo_core.resilience.table_policy import TablePolicy

CALM, WILD = 1e-4, 3e-4


@pytest.mark.parametrize(
    ("text", "phase", "sigma", "ttl_s"),
    [
        ("NVR", Phase.REGULAR, CALM, 20),
        ("NVR", Phase.REGULAR, None, 20),
        ("NVR", Phase.REGULAR, WILD, 10),
        ("NVR", Phase.PRE, WILD, 300),
        ("NVR", Phase.POST, CALM, 300),
        ("NVR", Phase.CLOSED, CALM, 300),
        ("BTC/USD", Phase.REGULAR, CALM, 30),
        ("BTC/USD", Phase.REGULAR, WILD, 10),
    ],
)
def test_a_fixed_ttl_is_looked_up(
    text: str, phase: Phase, sigma: float | None, ttl_s: float
) -> None:
    assert TablePolicy().ttl_s(instrument(text), phase, sigma) == ttl_s


def test_fixed_ttls_are_configured() -> None:
    policy = TablePolicy(stock_s=7, crypto_s=8, stock_outside_s=9, volatile_sigma=1e-6)
    assert policy.ttl_s(instrument("NVR"), Phase.CLOSED, CALM) == 9
    assert policy.ttl_s(instrument("NVR"), Phase.REGULAR, None) == 7
    assert policy.ttl_s(instrument("BTC/USD"), Phase.REGULAR, CALM) == 10


def test_a_fixed_ttl_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="crypto_volatile_s"):
        TablePolicy(crypto_volatile_s=0)
