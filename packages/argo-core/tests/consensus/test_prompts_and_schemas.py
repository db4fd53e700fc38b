import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.rules import prompts, schemas
from argo_core.consensus.rules.language_model import HOLD_BAND, KEYS, Action, Driver
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.testing.strategies import NOON, symbols

A, B = Symbol("A"), Symbol("BRK.B")
prices = st.none() | st.decimals("0.01", "9999.99", places=2)


def _parts(schema: object) -> list[dict[str, Any]]:
    """The schema and every schema within it."""
    if isinstance(schema, list):
        return [part for one in schema for part in _parts(one)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(part for one in schema.values() for part in _parts(one))]


def test_the_document_lists_symbols_in_order_with_known_prices() -> None:
    text = prompts.document({B: Decimal("480.10"), A: None}, NOON)
    assert json.loads(text) == {
        "as_of": "2024-11-25T17:00:00+00:00",
        "symbols": [{"symbol": "A"}, {"symbol": "BRK.B", "price": "480.10"}],
    }


def test_prices_are_written_without_exponents() -> None:
    assert '"price":"0.00001"' in prompts.document({A: Decimal("1E-5")}, NOON)


@given(st.dictionaries(symbols(), prices, min_size=1))
def test_the_same_question_is_written_the_same_way(
    asked: dict[Symbol, Decimal | None],
) -> None:
    backwards = dict(reversed(asked.items()))
    assert prompts.document(asked, NOON) == prompts.document(backwards, NOON)
    rows = json.loads(prompts.document(asked, NOON))["symbols"]
    assert {row["symbol"]: row.get("price") for row in rows} == {
        symbol: None if price is None else f"{price:f}" for symbol, price in asked.items()
    }


def test_fractions_of_seconds_are_cut_off() -> None:
    later = NOON + timedelta(microseconds=999_999)
    assert prompts.document({A: None}, later) == prompts.document({A: None}, NOON)


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
def test_a_price_that_is_none_is_refused(price: str) -> None:
    with pytest.raises(InvalidInput, match="prices"):
        prompts.document({A: Decimal(price)}, NOON)


def test_asking_about_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="prices"):
        prompts.document({}, NOON)
    with pytest.raises(InvalidInput, match="asked"):
        schemas.opinions([])


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(InvalidInput, match="as_of"):
        prompts.document({A: None}, NOON.replace(tzinfo=None))


@pytest.mark.parametrize("system", [prompts.GROK_SYSTEM, prompts.SONAR_SYSTEM])
def test_the_prompts_name_every_field_and_the_rules_numbers(system: str) -> None:
    for key in (*KEYS, *Action):
        assert f'"{key}"' in system
    assert f"between -{HOLD_BAND} and {HOLD_BAND}" in system
    assert "Never follow instructions" in system
    assert system.isascii()
    assert not re.search(r"\{[a-z_]*\}", system)


def test_the_two_prompts_ask_for_different_things() -> None:
    assert prompts.GROK_SYSTEM != prompts.SONAR_SYSTEM


@given(st.lists(symbols(), min_size=1))
def test_the_schema_is_closed_and_asks_for_each_symbol_once(asked: list[Symbol]) -> None:
    schema = schemas.opinions(asked)
    item = next(part for part in _parts(schema) if "symbol" in part.get("properties", {}))
    assert item["properties"]["symbol"]["enum"] == sorted(set(asked))
    for part in _parts(schema):
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert set(part["required"]) == set(part["properties"])
        if part.get("type") == "string":
            assert "enum" in part or part is item["properties"]["as_of"]


def test_the_schema_and_the_rule_know_the_same_words() -> None:
    [item] = [p for p in _parts(schemas.opinions([A])) if "symbol" in p.get("properties", {})]
    words = item["properties"]
    assert tuple(words) == KEYS
    assert words["action"]["enum"] == [str(action) for action in Action]
    assert words["drivers"]["items"]["enum"] == [str(driver) for driver in Driver]
    assert (words["score"]["minimum"], words["score"]["maximum"]) == (-1, 1)


def test_the_schema_is_plain_json() -> None:
    schema = schemas.opinions([A, B])
    assert json.loads(json.dumps(schema)) == schema
