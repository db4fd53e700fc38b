"""Which settings may change while the service runs."""

import pytest
from attrs import evolve

from argo_core.resilience.secret import Secret
from argo_service.config.reader import leaves
from argo_service.config.tree import Settings
from argo_service.reloadable import changed, is_reloadable


def test_what_decides_and_what_bounds_may_change_and_nothing_else() -> None:
    assert {key for key in leaves(Settings) if is_reloadable(key)} == {
        *(f"consensus.{name}" for name in ("tau", "lam", "quorum", "theta_bp", "publish_step_bp")),
        *(
            f"sources.{source}.{name}"
            for source in ("massive", "alpha_vantage", "grok", "sonar")
            for name in (
                "weight",
                "limits",
                "budget.usd_per_day",
                "budget.tokens_per_day",
                "budget.calls_per_day",
            )
        ),
        *("alpaca.limits", "yfinance.limits", "trading.alpaca.limits"),
        *(key for key in leaves(Settings) if key.startswith("trading.limits.")),
        *("api.requests_per_minute", "api.public_requests_per_minute", "logging.level"),
    }


@pytest.mark.parametrize(
    "key", ["database", "listen.port", "log.name", "trading.enabled", "trading.trail", "seed"]
)
def test_what_the_record_or_money_hangs_on_needs_a_start(key: str) -> None:
    assert not is_reloadable(key)


def test_every_setting_that_differs_is_named() -> None:
    before = Settings()
    after = evolve(before, seed=1, consensus=evolve(before.consensus, tau=0.5))
    assert changed(before, after) == ("seed", "consensus.tau")
    assert changed(before, Settings()) == ()


def test_keys_of_vendors_are_read_by_themselves() -> None:
    before = Settings()
    rotated = evolve(before.sources, grok=evolve(before.sources.grok, key=Secret("new")))
    assert changed(before, evolve(before, sources=rotated)) == ()
    url = Secret("redis://127.0.0.1:6379/0")
    assert changed(before, evolve(before, redis=evolve(before.redis, url=url))) == ("redis.url",)
