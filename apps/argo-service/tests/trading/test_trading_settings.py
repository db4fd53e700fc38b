"""What an operator may decide about trading, and what is refused before anything starts."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import fields

from argo_core.errors import InvalidSetting
from argo_core.trading.limits import RiskLimits
from argo_service.config.trading import Limits, Trading
from argo_service.settings import read_configuration

LIVE = "https://api.alpaca.markets"
PAPER = "https://paper-api.alpaca.markets"


def trading(**given: str) -> Trading:
    variables = {f"ARGO_TRADING__{name.upper()}": value for name, value in given.items()}
    return read_configuration(environment=variables).settings.trading


def refused(**given: str) -> InvalidSetting:
    with pytest.raises(InvalidSetting) as caught:
        trading(**given)
    return caught.value


def test_nothing_is_traded_unless_somebody_says_so_and_then_on_paper() -> None:
    default = trading()
    assert (default.enabled, default.broker, default.live) == (False, "paper", False)
    assert default.limits.rules() == RiskLimits()


def test_every_risk_limit_is_a_setting_that_names_its_unit() -> None:
    def plain(name: str) -> object:
        return getattr(RiskLimits(), name)

    expected = [
        f"{name}_s" if isinstance(plain(name), timedelta) else name for name in RiskLimits.names()
    ]
    assert [one.name for one in fields(Limits)] == expected


def test_a_limit_reaches_the_rules() -> None:
    limits = trading(limits__quote_age_s="2.5", limits__order_cap="1000.50").limits.rules()
    assert limits.quote_age == timedelta(seconds=2.5)
    assert limits.order_cap == Decimal("1000.50")


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("limits__quote_age_s", "-1", "trading.limits.quote_age_s"),
        ("limits__quote_age_s", "1e300", "trading.limits.quote_age_s"),
        ("limits__symbol_share", "0", "trading.limits.symbol_share"),
        ("limits__positions", "0", "trading.limits.positions"),
        ("limits__daily_loss_halt", "0.01", "trading.limits.daily_loss_halt"),
        ("broker", "fax", "trading.broker"),
        ("capital", "0", "trading.capital"),
        ("capital", "NaN", "trading.capital"),
        ("close_on", "SELL,BUY", "trading.close_on"),
        ("trail", "1", "trading.trail"),
        ("entry_patience_s", "0", "trading.entry_patience_s"),
        ("reconcile_s", "inf", "trading.reconcile_s"),
        ("stream_symbols", "0", "trading.stream_symbols"),
        ("paper__participation", "1.1", "trading.paper.participation"),
        ("paper__fee_per_share", "-0.01", "trading.paper.fee_per_share"),
        ("alpaca__base_url", "http://paper-api.alpaca.markets", "trading.alpaca.base_url"),
        ("alpaca__secret_key", "two words", "trading.alpaca.secret_key"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_key(name: str, value: str, key: str) -> None:
    error = refused(**{name: value})
    assert error.field == key
    assert error.fix


@pytest.mark.parametrize(
    "address",
    [
        LIVE,
        "https://API.Alpaca.Markets",
        "https://api.alpaca.markets.",
        "https://api.alpaca.markets:443/",
        # Whatever this is, it may lead to real money.
        "https://proxy.example",
        "https://paper-api.alpaca.markets.evil.example",
    ],
)
def test_only_a_paper_account_is_reached_unless_real_money_is_meant(address: str) -> None:
    error = refused(alpaca__base_url=address, broker="alpaca")
    assert error.field == "trading.alpaca.base_url"
    assert "trading.live = true" in error.fix


@pytest.mark.parametrize("address", [PAPER, "http://127.0.0.1:9000", "https://proxy.example"])
def test_real_money_is_not_meant_by_the_flag_alone(address: str) -> None:
    error = refused(alpaca__base_url=address, broker="alpaca", live="true")
    assert error.field == "trading.live"
    assert LIVE in error.fix


def test_real_money_has_no_place_at_the_paper_broker() -> None:
    error = refused(live="true", alpaca__base_url=LIVE)
    assert error.field == "trading.live"
    assert "paper" in error.problem


def test_nobody_lends_shares_to_sell_at_the_paper_broker() -> None:
    error = refused(limits__short_selling="true")
    assert error.field == "trading.limits.short_selling"
    assert trading(limits__short_selling="true", broker="alpaca").limits.short_selling


def test_flag_and_host_together_mean_real_money() -> None:
    assert trading(live="true", broker="alpaca", alpaca__base_url=LIVE).live


@pytest.mark.parametrize("address", [PAPER, "http://127.0.0.1:9000", "http://[::1]:9000"])
def test_paper_accounts_and_simulators_need_no_flag(address: str) -> None:
    assert not trading(broker="alpaca", alpaca__base_url=address).live


def test_the_journal_lies_beside_the_database_unless_it_is_named() -> None:
    database = Path("data/argo.sqlite3")
    assert trading().journal_of(database) == Path("data/argo.trading.sqlite3")
    assert trading(journal="/else/where").journal_of(database) == Path("/else/where")


def test_an_accounts_keys_may_be_in_files_and_are_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hush-hush\n")
    found = trading(alpaca__secret_key_file=str(file), alpaca__key_id="also-hush")
    assert found.alpaca.secret_key is not None
    assert found.alpaca.secret_key.reveal() == "hush-hush"
    assert "hush" not in repr(found)


def test_positions_may_be_closed_by_nothing_but_their_plan() -> None:
    assert trading(close_on="").close_on == ()
    assert trading(close_on="SELL,HOLD").close_on == ("SELL", "HOLD")
