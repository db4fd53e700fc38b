"""Limits, breakers, budgets, freshness, words and Redis, as an operator writes them."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_adapters.vendors.alpaca.source import ALPACA
from argo_adapters.vendors.yfinance.fetched import LIMITS, YFINANCE
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR
from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.resilience.allowance import Allowance, within
from argo_core.resilience.breaker_policy import breaker_policy_for
from argo_core.resilience.budget import DayLimit
from argo_core.resilience.table_policy import TablePolicy
from argo_core.resilience.ttl import FirstPassage
from argo_service.config.pacing import Breaker, read_limit
from argo_service.config.tree import Settings
from argo_service.fingerprint import config_sha256
from argo_service.settings import Configuration, read_configuration


def read(text: str, tmp_path: Path, **environment: str) -> Configuration:
    file = tmp_path / "argo.toml"
    file.write_text(text)
    return read_configuration(file, environment)


@pytest.mark.parametrize(
    ("text", "allowance"),
    [
        ("5/s burst 10", Allowance(5.0, 10)),
        ("1/s", Allowance(1.0)),
        ("100/10s", Allowance(10.0)),
        ("within 5/min", within(5, 60.0)),
        ("within 200/min burst 20", within(200, 60.0, 20)),
        ("within 1/day", within(1, 86_400.0)),
    ],
)
def test_a_limit_in_words_is_the_allowance_it_means(text: str, allowance: Allowance) -> None:
    assert read_limit(text) == allowance


@given(st.integers(2, 10_000), st.sampled_from(["s", "min", "h"]), st.integers(1, 50))
def test_a_limit_within_a_window_is_never_exceeded(calls: int, unit: str, burst: int) -> None:
    window_s = {"s": 1.0, "min": 60.0, "h": 3_600.0}[unit]
    try:
        kept = read_limit(f"within {calls}/{unit} burst {burst}")
    except InvalidInput:
        assert burst - 1 >= calls * 0.95 or burst > calls
    else:
        assert kept.burst + math.floor(kept.rate * window_s) <= calls


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("[sources.grok]\nlimits = ['often']", "sources.grok.limits", "5/s burst 10"),
        ("[sources.grok]\nlimits = ['0/s']", "sources.grok.limits", "is not a limit"),
        ("[sources.grok]\nlimits = ['5/s burst 0']", "sources.grok.limits", "is not a limit"),
        ("[sources.grok]\nlimits = ['within 5/min burst 6']", "sources.grok.limits", "smaller"),
        ("[sources.grok]\nlimits = []", "sources.grok.limits", "give 1 to 8"),
        ("[sources.grok]\nlimits = [" + "'1/s', " * 9 + "]", "sources.grok.limits", "1 to 8"),
        ("[alpaca]\nlimits = ['x']", "alpaca.limits", "argo.toml:2"),
        ("sources.grok.limits = '1/s'", "sources.grok.limits", "list of texts"),
        ("[sources.grok.limits]\ncalls = 5", "sources.grok.limits.calls", "no such setting"),
        ("[sources.grok.breaker]\nslow_s = 0", "sources.grok.breaker.slow_s", "argo.toml:2"),
        ("sources.grok.breaker.min_calls = 21", "sources.grok.breaker.min_calls", "window_calls"),
        ("sources.grok.breaker.slow_share = 1.5", "sources.grok.breaker.slow_share", "share"),
        ("alpaca.breaker.open_s = 500", "alpaca.breaker.open_max_s", "500"),
        ("sources.sonar.budget.usd_per_day = -1", "sources.sonar.budget.usd_per_day", "zero"),
        ("sources.sonar.budget.usd_per_day = nan", "sources.sonar.budget.usd_per_day", "amount"),
        ("sources.sonar.budget.usd_per_day = '5'", "sources.sonar.budget.usd_per_day", "amount"),
        ("sources.sonar.budget.usd_per_day = true", "sources.sonar.budget.usd_per_day", "amount"),
        ("sources.sonar.budget.usd_per_day = 1e-7", "sources.sonar.budget.usd_per_day", "six"),
        ("sources.sonar.budget.usd_per_day = 1e300", "sources.sonar.budget.usd_per_day", "dollars"),
        ("sources.sonar.budget.tokens_per_day = -1", "sources.sonar.budget.tokens_per_day", "0 to"),
        ("sources.sonar.budget.calls_per_day = 1.5", "sources.sonar.budget.calls_per_day", "whole"),
        ("sources.grok.budget.time_zone = 'Mars'", "sources.grok.budget.time_zone", "UTC or"),
        ("sources.grok.budget.time_zone = '/etc'", "sources.grok.budget.time_zone", "UTC or"),
        ("freshness.policy = 'lazy'", "freshness.policy", "adaptive or table"),
        ("freshness.risk = 1.0", "freshness.risk", "between 0 and 1"),
        ("freshness.move = 0.0", "freshness.move", "between 0 and 1"),
        ("freshness.table.stock_s = 0", "freshness.table.stock_s", "seconds"),
        ("reasoning.source = 'sonar'", "reasoning.source", "give grok"),
        ("reasoning.max_in_flight = 0", "reasoning.max_in_flight", "1 to 64"),
        ("reasoning.usd_share = 1.1", "reasoning.usd_share", "(0, 1]"),
        ("redis.url = 'redis://localhost'", "redis.url", "environment"),
        ("redis.namespace = 'a:b'", "redis.namespace", "a-z"),
        ("redis.timeout_ms = 0", "redis.timeout_ms", "milliseconds"),
        ("redis.instances = 0", "redis.instances", "give 1 to"),
    ],
)
def test_a_wrong_value_names_its_key_and_the_way_out(
    text: str, key: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read(text, tmp_path)
    assert caught.value.field == key
    assert words in str(caught.value)


def test_by_default_every_vendor_has_the_limits_it_is_known_for() -> None:
    allowances = {name: policy.allowances for name, policy in Settings().limits().items()}
    assert allowances == {
        MASSIVE: (Allowance(5.0, 10),),
        ALPHA_VANTAGE: (within(5, 60.0, 4),),
        GROK: (Allowance(1.0),),
        SONAR: (Allowance(1.0),),
        ALPACA: (within(200, 60.0, 20),),
        YFINANCE: LIMITS.allowances,
    }


def test_several_limits_are_kept_at_once_from_file_and_environment(tmp_path: Path) -> None:
    text = "[sources.massive]\nlimits = ['5/s burst 10', '1000/h burst 100']\n"
    both = (Allowance(5.0, 10), Allowance(1_000 / 3_600, 100))
    assert read(text, tmp_path).settings.limits()[MASSIVE].allowances == both
    variable = {"ARGO_SOURCES__MASSIVE__LIMITS": "5/s burst 10, 1000/h burst 100"}
    assert read("", tmp_path, **variable).settings.limits()[MASSIVE].allowances == both


def test_a_nested_table_is_read_from_file_and_environment_and_remembers_where(
    tmp_path: Path,
) -> None:
    text = "[sources.grok.budget]\nusd_per_day = 2.10\ntokens_per_day = 500\n"
    found = read(text, tmp_path, ARGO_SOURCES__GROK__BUDGET__TOKENS_PER_DAY="700")
    assert found.settings.sources.grok.budget.limit() == DayLimit(Decimal("2.1"), 700)
    assert found.origin("sources.grok.budget.usd_per_day").endswith("argo.toml:2")
    variable = "environment ARGO_SOURCES__GROK__BUDGET__TOKENS_PER_DAY"
    assert found.origin("sources.grok.budget.tokens_per_day") == variable


def test_paid_models_may_cost_five_dollars_a_day_and_market_data_anything() -> None:
    sources = Settings().sources
    assert sources.grok.budget.limit() == sources.sonar.budget.limit() == DayLimit(Decimal(5))
    assert sources.massive.budget.limit() == sources.alpha_vantage.budget.limit() == DayLimit()


@given(st.decimals(min_value=0, max_value=10_000, places=6))
def test_dollars_are_kept_to_the_last_digit(usd: Decimal) -> None:
    variables = {"ARGO_SOURCES__GROK__BUDGET__USD_PER_DAY": f"{usd:f}"}
    budget = read_configuration(environment=variables).settings.sources.grok.budget
    assert budget.usd_per_day == usd


@pytest.mark.parametrize("usd", ["lots", "NaN", "Infinity", "1,50", "-0.01"])
def test_dollars_that_cannot_be_meant_are_refused(usd: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_configuration(environment={"ARGO_SOURCES__GROK__BUDGET__USD_PER_DAY": usd})
    assert caught.value.field == "sources.grok.budget.usd_per_day"


def test_a_budget_begins_anew_at_the_vendors_midnight(tmp_path: Path) -> None:
    text = "sources.grok.budget.time_zone = 'America/Los_Angeles'"
    days = read(text, tmp_path).settings.sources.grok.budget.days()
    at = datetime(2026, 11, 22, 7, 59, tzinfo=UTC)
    assert days.next_midnight(at, days.day(at)) == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def test_what_is_slow_and_lost_follows_from_the_timeout_unless_it_is_given(tmp_path: Path) -> None:
    breakers = Settings().breakers()
    assert breakers.keys() == {MASSIVE, ALPHA_VANTAGE, GROK, SONAR, ALPACA, YFINANCE}
    assert breakers[ALPACA] == breaker_policy_for(Settings().consensus.price_timeout_s)
    assert breakers[MASSIVE].slow_s < breakers[GROK].slow_s < 60
    assert breakers[GROK].probe_lost_s >= 60
    given_ = read("sources.grok.breaker.slow_s = 7\n", tmp_path).settings.breakers()[GROK]
    assert given_.slow_s == 7
    assert given_.probe_lost_s == breakers[GROK].probe_lost_s


def test_a_breakers_other_numbers_are_the_cores() -> None:
    policy = Breaker(slow_s=1.0, probe_lost_s=2.0, in_a_row=9).policy(4.0)
    assert (policy.slow_s, policy.probe_lost_s, policy.in_a_row) == (1.0, 2.0, 9)
    assert (policy.window_calls, policy.open_max_s) == (20, 120.0)


def test_freshness_is_adaptive_or_a_table(tmp_path: Path) -> None:
    assert Settings().freshness.rule() == FirstPassage()
    risky = read("freshness.risk = 0.2\nfreshness.move = 0.01\n", tmp_path).settings.freshness
    assert risky.rule() == FirstPassage(move=0.01, risk=0.2)
    table = read("freshness.policy = 'table'\nfreshness.table.stock_s = 7\n", tmp_path)
    assert table.settings.freshness.rule() == TablePolicy(stock_s=7.0)


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("redis://:open-sesame@cache.example.com:6380/2", "cache.example.com:6380"),
        ("rediss://argo:open-sesame@[::1]/0", "[::1]:6379"),
        ("unix:///run/valkey.sock?password=open-sesame", "/run/valkey.sock"),
    ],
)
def test_a_redis_is_named_without_its_password(url: str, where: str) -> None:
    found = read_configuration(environment={"ARGO_REDIS_URL": url})
    redis = found.settings.redis
    assert redis.url is not None
    assert redis.url.reveal() == url
    assert redis.where == where
    assert "open-sesame" not in f"{found!r} {redis} {redis.where}"
    assert found.origin("redis.url") == "environment ARGO_REDIS_URL"


@pytest.mark.parametrize(
    "url",
    [
        "http://:open-sesame@host",
        "redis://:open-sesame@",
        "redis://host:open-sesame",
        "redis://host:99999?open-sesame",
        "redis://[open-sesame",
        "unix:?open-sesame",
        "open-sesame",
    ],
)
def test_a_wrong_redis_url_is_refused_and_never_shown(url: str) -> None:
    with pytest.raises(InvalidSetting, match="rediss://user:password@host") as caught:
        read_configuration(environment={"ARGO_REDIS_URL": url})
    assert caught.value.field == "redis.url"
    told: BaseException | None = caught.value
    while told is not None:
        assert "open-sesame" not in str(told)
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)


def test_a_redis_url_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "redis.url"
    file.write_text("redis://:open-sesame@cache.example.com\n")
    redis = read(f"redis.url_file = '{file}'", tmp_path).settings.redis
    assert redis.where == "cache.example.com:6379"


def test_the_variable_of_redis_is_the_one_everybody_uses() -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_configuration(environment={"ARGO_REDIS__URL": "redis://localhost"})
    assert caught.value.fix == "did you mean ARGO_REDIS_URL?"


def test_without_a_redis_there_is_none_and_it_answers_within_50_ms() -> None:
    redis = Settings().redis
    assert (redis.url, redis.where, redis.timeout_s, redis.instances) == (None, "", 0.05, 1)


def test_words_by_a_model_are_off_unless_asked_for() -> None:
    assert not Settings().reasoning.enabled
    found = read_configuration(environment={"ARGO_REASONING__ENABLED": "yes"})
    assert found.settings.reasoning.enabled


def test_budgets_and_freshness_change_signals_and_the_pace_of_calls_does_not() -> None:
    base = Settings()
    said = config_sha256(base)
    grok = base.sources.grok
    budget = evolve(grok, budget=evolve(grok.budget, usd_per_day=Decimal(1)))
    pace = evolve(grok, limits=("2/s",), breaker=Breaker(slow_s=9.0))
    assert config_sha256(evolve(base, sources=evolve(base.sources, grok=pace))) == said
    assert config_sha256(evolve(base, sources=evolve(base.sources, grok=budget))) != said
    table = evolve(base, freshness=evolve(base.freshness, policy="table"))
    assert config_sha256(table) != said


def test_a_day_of_every_vendor_lasts_about_a_day() -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for source in Settings().sources.by_name().values():
        days = source.budget.days()
        assert timedelta(0) < days.next_midnight(at, days.day(at)) - at <= timedelta(days=1)
