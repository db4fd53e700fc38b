"""`argo trading`: what it prints, what it does, and how it ends."""

import asyncio
import json
from typing import Any

import pytest
from attrs import define
from yarl import URL

from argo_core.errors import InvalidInput
from argo_core.resilience.secret import Secret
from argo_core.testing.trading_stage import signal_of
from argo_core.trading.state import TradingState
from argo_service.api_keys import Scope
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main
from argo_service.cli.trading_tables import measured
from argo_service.config.tree import Listen
from argo_service.settings import API_KEY_VARIABLE, read_api_key, read_configuration
from argo_service.trading.remote import address_of, open_remote
from argo_service.trading.tightest import tightest


@define
class Command:
    """The command line, on a machine where the station answers."""

    station: Any
    capsys: pytest.CaptureFixture[str]

    async def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit code, what was printed, and what was complained about."""
        url = str(self.station.client.make_url("/")).rstrip("/")
        code = await asyncio.to_thread(main, ["trading", *words, "--url", url])
        said = self.capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def argo(
    station: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv(API_KEY_VARIABLE, raising=False)
    return Command(station, capsys)


async def test_the_status_says_state_money_and_the_tightest_limits(argo: Any, floor: Any) -> None:
    await floor.buy()
    code, out, _ = await argo("status")
    assert code == Exit.DONE
    for said in ("ACTIVE", "broker fake", "99,997.55", "-2.45", "rate_minute", "equal"):
        assert said in out


async def test_every_listing_is_a_table(argo: Any, floor: Any) -> None:
    await floor.buy()
    await floor.trader.halt("a storm")
    await floor.price("MSFT", "100", signal_of("MSFT", floor.clock.now()))
    said = {
        "positions": ("AAPL", "49", "100.05", "98"),
        "orders": ("AAPL", "entry", "filled", "fake-2"),
        "fills": ("AAPL", "100.05", "4,902.45"),
        "denials": ("MSFT", "STATE"),
        "risk": ("HALTED", "operator since 2024-11-25", "a storm", "5,099.76", "gross_exposure"),
    }
    for action, words in said.items():
        code, out, _ = await argo(action)
        assert code == Exit.DONE
        assert [word for word in words if word not in out] == []


async def test_an_order_is_told_with_its_certificate_and_its_history(argo: Any, floor: Any) -> None:
    await floor.buy()
    entry = next(iter(floor.trader.book.orders))
    _, out, _ = await argo("order", entry)
    for said in (entry, "risk-1: allowed", "order_value", "94.61", "intended", "executed 49"):
        assert said in out
    code, _, err = await argo("order", "A" * 32)
    assert (code, "there is no order AAAA" in err) == (Exit.FAILED, True)


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        ("positions", "nothing is held"),
        ("orders", "no orders"),
        ("fills", "no fills"),
        ("denials", "nothing was denied"),
    ],
)
async def test_an_empty_listing_is_said_in_words(argo: Any, listing: str, said: str) -> None:
    assert (await argo(listing))[1] == f"{said}\n"


async def test_times_name_their_zone_and_amounts_have_cents(argo: Any, floor: Any) -> None:
    await floor.buy()
    for listing, title in (
        ("positions", "until (UTC)"),
        ("orders", "placed (UTC)"),
        ("fills", "at (UTC)"),
    ):
        assert title in (await argo(listing))[1]
    out = (await argo("risk"))[1]
    assert [line.split()[1:4] for line in out.splitlines() if line.startswith("gross")] == [
        ["99,997.55", "95,097.55", "money"]
    ]
    assert (await argo("fills"))[1].splitlines()[1].split()[-3:-1] == ["0.00", "+0.00"]


async def test_machines_get_the_apis_own_answer(argo: Any, floor: Any) -> None:
    await floor.buy()
    _, out, _ = await argo("positions", "--json")
    answer = await (await argo.station.client.get("/api/v1/trading/positions")).json()
    assert json.loads(out) == answer


async def test_orders_are_asked_for_by_status_symbol_and_number(argo: Any, floor: Any) -> None:
    await floor.buy("AAPL")
    await floor.buy("MSFT")
    words = ("orders", "--status", "open", "--symbol", "MSFT", "--limit", "1")
    _, out, _ = await argo(*words, "--json")
    assert [one["symbol"] for one in json.loads(out)["orders"]] == ["MSFT"]
    assert "a larger --limit" in (await argo(*words))[1]


async def test_an_operator_halts_resumes_and_flattens(argo: Any, floor: Any) -> None:
    await floor.buy()
    code, out, _ = await argo("halt", "--reason", "a storm")
    assert (code, "HALTED" in out, "a storm" in out) == (Exit.DONE, True, True)
    code, out, _ = await argo("resume", "--reason", "it is over")
    assert (code, "ACTIVE" in out) == (Exit.DONE, True)
    code, out, _ = await argo("flatten", "--reason", "bad news", "--symbol", "AAPL")
    assert (code, "being closed: AAPL" in out) == (Exit.DONE, True)
    assert floor.trader.book.state is TradingState.ACTIVE
    await argo("flatten", "--reason", "bad news")
    assert floor.trader.book.state is TradingState.HALTED


async def test_resuming_fails_while_something_else_stands_against_it(argo: Any, floor: Any) -> None:
    await floor.price("MSFT", "400")
    floor.broker.sneak("MSFT", "7", "400")
    await floor.wait(61)
    await floor.wait(61)
    code, out, _ = await argo("resume", "--reason", "I do not care")
    assert (code, "REDUCING" in out, "drift" in out) == (Exit.FAILED, True, True)


@pytest.mark.parametrize(
    "words",
    [
        ("orders", "--limit", "0"),
        ("orders", "--symbol", "aapl"),
        ("order", "../account"),
        ("order", ".."),
        ("flatten", "--reason", "x", "--symbol", "aapl"),
        ("flatten", "--reason", "x", "--symbol", "MSFT"),
        ("halt", "--reason", " "),
    ],
)
async def test_what_is_not_meant_so_is_wrong_use(argo: Any, words: tuple[str, ...]) -> None:
    code, out, err = await argo(*words)
    assert (code, out) == (Exit.WRONG_USE, "")
    assert err.startswith("argo: ")


async def test_a_key_is_shown_and_one_without_the_scope_is_wrong_use(
    argo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = argo.station

    async def key(scope: Scope) -> str:
        now = station.clock.now()
        _, text = await asyncio.to_thread(
            station.keys.add, "somebody", frozenset({scope}), now, None
        )
        await station.keyring.refresh()
        return str(text)

    text = await key(Scope.TRADING)
    code, _, err = await argo("status")
    assert (code, "Bearer" in err) == (Exit.WRONG_USE, True)
    monkeypatch.setenv(API_KEY_VARIABLE, text)
    assert (await argo("status"))[0] == Exit.DONE
    code, _, err = await argo("halt", "--reason", "a storm")
    assert (code, "'admin'" in err, text in err) == (Exit.WRONG_USE, True, False)


async def test_where_nothing_listens_the_error_says_what_to_do(
    argo: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["trading", "status", "--url", "http://127.0.0.1:9"]
    assert await asyncio.to_thread(main, words) == Exit.SERVICE_AWAY
    assert "start it with `argo serve`" in capsys.readouterr().err


async def test_what_is_not_argo_is_not_taken_for_it(argo: Any) -> None:
    url = str(argo.station.client.make_url("/docs"))
    words = ["trading", "status", "--url", url]
    assert await asyncio.to_thread(main, words) in {Exit.SERVICE_AWAY, Exit.FAILED}


async def test_a_key_does_not_travel_unencrypted_to_other_machines() -> None:
    for address in ("http://argo.example", "http://192.0.2.1:8090"):
        with pytest.raises(InvalidInput, match="unencrypted"):
            async with open_remote(URL(address), Secret("argo_key")):
                pass


def test_the_address_follows_from_the_settings() -> None:
    assert str(address_of(Listen())) == "http://127.0.0.1:8090"
    assert str(address_of(Listen("0.0.0.0", 9000))) == "http://127.0.0.1:9000"  # noqa: S104
    assert str(address_of(Listen("::", 9000))) == "http://[::1]:9000"


def test_the_key_in_the_environment_is_no_setting() -> None:
    environment = {API_KEY_VARIABLE: " argo_x "}
    assert read_configuration(environment=environment).settings.trading.enabled is False
    found = read_api_key(environment)
    assert found is not None
    assert found.reveal() == "argo_x"
    assert read_api_key({}) is None
    with pytest.raises(InvalidInput, match=API_KEY_VARIABLE):
        read_api_key({API_KEY_VARIABLE: "two words"})


def test_the_tightest_limits_come_first_and_broken_ones_before_all() -> None:
    def rule(name: str, limit: str, margin: str | None) -> dict[str, str | None]:
        return {"rule": name, "limit": limit, "margin": margin}

    rules = [
        rule("wide", "100", "90"),
        rule("tight", "100", "1"),
        rule("none", "ACTIVE", None),
        rule("broken", "100", "-5"),
        rule("zero", "0", "3"),
    ]
    assert [one["rule"] for one in tightest(rules, measured)] == ["broken", "tight", "wide", "zero"]
