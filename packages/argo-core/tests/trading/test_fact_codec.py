"""A fact comes back exactly as it was, or not at all."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, get_args

import orjson
import pytest
from attrs import fields, has
from hypothesis import given

from argo_core.codec.blame import read_culprit
from argo_core.codec.trading import KINDS, kind_of, read_fact, write_fact
from argo_core.codec.whole import BLAMING
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import from_micros
from argo_core.testing.fact_strategies import facts
from argo_core.testing.strategies import NOON
from argo_core.trading.broker_view import BrokerOrder, CashFlow, Execution
from argo_core.trading.certificate import Certificate, RuleResult
from argo_core.trading.denial import Denial
from argo_core.trading.fact import (
    DayClosed,
    Fact,
    Flowed,
    Judged,
    Recorded,
    Refused,
    Told,
    Trailed,
)
from argo_core.trading.order import Leg, OrderType, Side, Status

NVR = Symbol("NVR")
ORDER = BrokerOrder(
    id="A" * 32,
    broker_id="b-1",
    symbol=NVR,
    side=Side.BUY,
    type=OrderType.LIMIT,
    quantity=Decimal(10),
    status=Status.WORKING,
    at=NOON,
    filled=Decimal("3.0"),
    average=Decimal("6890.50"),
    limit=Decimal("6900.00"),
)
TOLD = Told(NOON, ORDER, Leg.ENTRY, Execution("e-1", Decimal(3), Decimal("6890.50"), NOON))
RESULTS = (
    RuleResult("collar", {"limit": "6900"}, "0.02", Decimal("0.01")),
    RuleResult("state", {}, "ACTIVE", None, Denial.STATE),
)
JUDGED = Judged(
    NOON, Certificate("A" * 32, NVR, Side.BUY, Decimal(10), NOON, "risk-1", RESULTS, "s-1")
)
LINE = (
    '{"kind":"told","at":1732554000000000,"order":{"id":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",'
    '"broker_id":"b-1","symbol":"NVR","side":"BUY","type":"limit","quantity":"10",'
    '"status":"working","at":1732554000000000,"filled":"3.0","fees":"0","average":"6890.50",'
    '"limit":"6900.00"},"leg":"entry","execution":{"id":"e-1","quantity":"3","price":"6890.50",'
    '"at":1732554000000000,"fee":"0"}}'
)


def spelled(value: Any) -> Any:
    """The value with everything that equality overlooks: 1.10 and 1.1, True and 1."""
    if has(type(value)):
        return [type(value), *(spelled(getattr(value, one.name)) for one in fields(type(value)))]
    if isinstance(value, Mapping):
        return [(spelled(key), spelled(one)) for key, one in value.items()]
    if isinstance(value, tuple):
        return [spelled(one) for one in value]
    return type(value), repr(value)


@given(facts())
def test_a_fact_comes_back_exactly(one: Fact) -> None:
    line = write_fact(one)
    back = read_fact(line)
    assert spelled(back) == spelled(one)
    assert write_fact(back) == line
    assert "\n" not in line


def test_no_fact_is_forgotten() -> None:
    assert set(KINDS.values()) == set(get_args(Fact))
    assert len(set(KINDS)) == len(get_args(Fact))


@pytest.mark.parametrize("kind", KINDS)
def test_no_facts_member_is_mistaken_for_its_kind(kind: str) -> None:
    assert "kind" not in [one.name for one in fields(KINDS[kind])]


def test_lines_stay_as_they_are_because_disks_are_full_of_them() -> None:
    assert write_fact(TOLD) == LINE
    assert read_fact(LINE) == TOLD
    assert kind_of(TOLD) == "told"
    assert write_fact(Recorded(NOON, {8: 3})) == (
        '{"kind":"recorded","at":1732554000000000,"indices":[[8,3]]}'
    )
    assert '"day":"2024-11-25"' in write_fact(DayClosed(NOON, date(2024, 11, 25), Decimal(1)))


def test_what_is_none_is_left_out() -> None:
    line = write_fact(Told(NOON, ORDER))
    assert "leg" not in line
    assert "parent" not in line
    assert read_fact(line) == Told(NOON, ORDER)


@pytest.mark.parametrize(
    ("fact", "where"),
    [
        (Trailed(NOON, NVR, Decimal("NaN"), Decimal(1)), "trailed.best"),
        (Trailed(NOON, NVR, Decimal(1), Decimal("Infinity")), "trailed.stop"),
        (Refused(datetime(2024, 11, 25), "o", "no"), "refused.at"),  # noqa: DTZ001 - on purpose
        (Refused(NOON.astimezone(timezone(timedelta(hours=1))), "o", "no"), "refused.at"),
        (Refused(datetime(2200, 1, 1, tzinfo=UTC), "o", "no"), "refused.at"),
        (Refused(NOON, "o", "\ud800"), "refused.problem"),
        (Flowed(NOON, CashFlow("f", NOON, 5)), "flowed.flow.amount"),  # type: ignore[arg-type]
        (
            Judged(
                NOON,
                Certificate(
                    "o",
                    NVR,
                    Side.BUY,
                    Decimal(1),
                    NOON,
                    "risk-1",
                    (RESULTS[0], RuleResult("r", {"a": "\udc00"}, "", None)),
                ),
            ),
            "judged.certificate.results[1].inputs['a']",
        ),
    ],
)
def test_what_no_line_can_have_is_refused_by_name(fact: Fact, where: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        write_fact(fact)
    assert caught.value.field == where


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ('"at":1732554000000000,"order"', '"order"', "told.at"),
        ('"at":1732554000000000,"order"', '"at":"now","order"', "told.at"),
        ('"at":1732554000000000,"order"', '"at":1732554000000000.5,"order"', "told.at"),
        ('"at":1732554000000000,"order"', '"at":true,"order"', "told.at"),
        ('"at":1732554000000000,"order"', '"at":-1,"order"', "told.at"),
        ('"at":1732554000000000,"order"', '"at":99999999999999999999,"order"', "told.at"),
        ('"filled":"3.0",', "", "told.order.filled"),
        ('"filled":"3.0"', '"filled":3.0', "told.order.filled"),
        ('"filled":"3.0"', '"filled":"NaN"', "told.order.filled"),
        ('"filled":"3.0"', '"filled":"three"', "told.order.filled"),
        ('"filled":"3.0"', '"filled":"3.0","more":1', "told.order.more"),
        ('"symbol":"NVR"', '"symbol":"nvr"', "told.order.symbol"),
        ('"side":"BUY"', '"side":"HOLD"', "told.order.side"),
        ('"side":"BUY"', '"side":null', "told.order.side"),
        ('"leg":"entry"', '"leg":1', "told.leg"),
        ('"execution":{', '"execution":[],"x":{', "told.execution"),
        (LINE, '{"kind":"told","at":1732554000000000,"order":7}', "told.order"),
        (LINE, '{"kind":"filled","at":1732554000000000}', "kind"),
        (LINE, '{"at":1732554000000000}', "kind"),
        (LINE, '{"kind":["told"]}', "kind"),
        (LINE, "[]", "kind"),
        (LINE, '{"kind":"told",', "fact"),
        (LINE, "", "fact"),
        (LINE, '"\ud800"', "fact"),
        (
            LINE,
            '{"kind":"recorded","at":1732554000000000,"indices":[[8,3],[8,4]]}',
            "recorded.indices",
        ),
        (LINE, '{"kind":"recorded","at":1732554000000000,"indices":{"8":3}}', "recorded.indices"),
        (
            LINE,
            '{"kind":"day_closed","at":1732554000000000,"day":"20241125","equity":"1"}',
            "day_closed.day",
        ),
    ],
)
def test_a_line_that_only_resembles_a_fact_is_refused_by_name(
    before: str, after: str, where: str
) -> None:
    assert LINE.count(before) == 1
    with pytest.raises(InvalidInput) as caught:
        read_fact(LINE.replace(before, after))
    assert caught.value.field == where


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ('"rule":"state",', "", "judged.certificate.results[1].rule"),
        ('"denial":"STATE"', '"denial":"MOOD"', "judged.certificate.results[1].denial"),
        ('"limit":"6900"', '"limit":6900', "judged.certificate.results[0].inputs"),
        ('"results":[', '"results":7,"x":[', "judged.certificate.results"),
    ],
)
def test_of_many_results_the_bad_one_is_named(before: str, after: str, where: str) -> None:
    line = write_fact(JUDGED)
    assert read_fact(line) == JUDGED
    with pytest.raises(InvalidInput) as caught:
        read_fact(line.replace(before, after))
    assert caught.value.field == where


def test_a_truth_value_is_no_moment_even_after_that_moment() -> None:
    line = '{"kind":"cancel_asked","at":1,"order_id":"o"}'
    assert read_fact(line).at == from_micros(1)
    with pytest.raises(InvalidInput, match="no int"):
        read_fact(line.replace('"at":1', '"at":true'))


def test_of_what_is_good_no_member_is_named() -> None:
    members = orjson.loads(LINE)
    del members["kind"]
    assert read_culprit("told", members, Told, BLAMING) == ("told", "it is refused")
